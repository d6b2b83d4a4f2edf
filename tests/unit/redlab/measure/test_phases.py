import pytest
from hypothesis import given
from hypothesis import strategies as st

from redlab.measure.phases import PHASES, Timeline, phases_of

INSTANTS = [attribute for _, attribute in PHASES if attribute != "first_success_at"]


def test_each_instant_ends_its_phase() -> None:
    timeline = Timeline(100, 106, 101, 103, 103.5, 105, 105.5)
    assert [(phase.name, phase.seconds) for phase in phases_of(timeline)] == [
        ("detection", 1),
        ("decision", 2),
        ("fencing", 0.5),
        ("promotion", 1.5),
        ("rerouting", 0.5),
        ("first success", 0.5),
    ]


def test_what_was_not_observed_is_contained_in_the_next() -> None:
    (phase,) = phases_of(Timeline(100, 102))
    assert (phase.seconds, phase.includes) == (2, ("detection", "decision", "fencing", "promotion", "rerouting"))


def test_instants_out_of_order_make_no_negative_phase() -> None:
    phases = {phase.name: phase.seconds for phase in phases_of(Timeline(100, 103, detected_at=102, fenced_at=101))}
    assert phases == {"detection": 2, "fencing": 0, "first success": 1}


def test_without_recovery_there_are_no_phases() -> None:
    assert phases_of(Timeline(100, None, detected_at=101)) == ()


@given(
    st.floats(0, 1e5),
    st.floats(0, 1e3),
    st.fixed_dictionaries({}, optional={name: st.floats(0, 1e6) for name in INSTANTS}),
)
def test_phases_sum_to_the_recovery_time(fault_at: float, rto_seconds: float, observed: dict[str, float]) -> None:
    timeline = Timeline(fault_at, fault_at + rto_seconds, **observed)
    phases = phases_of(timeline)
    assert sum(phase.seconds for phase in phases) == pytest.approx(rto_seconds, abs=1e-6)
    assert all(phase.seconds >= 0 for phase in phases)
    named = [name for phase in phases for name in (*phase.includes, phase.name)]
    assert named == [name for name, _ in PHASES]
