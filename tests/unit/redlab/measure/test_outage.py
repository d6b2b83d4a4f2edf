"""Recovery of a service. In the patterns, one sign is one operation every 0.25 s from the fault on (100 s)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redlab.measure.outage import Recovery, measure_recovery
from tests.support.unit.samples import FAULT_AT, operation, series

GOOD = "." * 12  # 3 s: sustained


def measured(outcomes: str, heal_at: float | None = None) -> Recovery:
    return measure_recovery("user", series(outcomes), fault_at=FAULT_AT, heal_at=heal_at)


def test_without_a_failure_the_first_answer_is_the_recovery() -> None:
    recovery = measured(GOOD)
    assert recovery.rto_seconds == pytest.approx(0.01)
    assert recovery.outages == ()


def test_a_slow_first_answer_counts() -> None:
    slow = operation(0, FAULT_AT, latency=1.4)
    recovery = measure_recovery("user", [slow, *series(GOOD, start=100.25)], fault_at=FAULT_AT)
    assert recovery.rto_seconds == pytest.approx(1.4)
    assert recovery.slowest_seconds == pytest.approx(1.4)


def test_failures_last_until_the_first_success_of_a_sustained_run() -> None:
    recovery = measured("xx?x" + GOOD)
    assert recovery.rto_seconds == pytest.approx(1.01)
    (outage,) = recovery.outages
    assert (outage.started_at, outage.bad_operations) == (100.0, 4)
    assert outage.seconds == pytest.approx(1.01)


def test_a_short_run_of_successes_is_part_of_the_outage() -> None:
    recovery = measured("x...x" + GOOD)
    assert recovery.rto_seconds == pytest.approx(1.26)
    assert len(recovery.outages) == 1


def test_a_relapse_counts_and_is_listed_apart() -> None:
    recovery = measured("x" + GOOD + "x" + GOOD)
    assert recovery.rto_seconds == pytest.approx(14 * 0.25 + 0.01)
    assert len(recovery.outages) == 2


def test_what_fails_after_the_heal_is_the_heals_doing() -> None:
    recovery = measured("x" + GOOD + "x" + GOOD, heal_at=103.25)
    assert recovery.rto_seconds == pytest.approx(0.26)
    assert (len(recovery.outages), len(recovery.heal_disturbances), recovery.recovered) == (1, 1, True)


def test_the_heal_excuses_nothing_before_the_first_recovery() -> None:
    recovery = measured("xxxx" + GOOD, heal_at=100.0)
    assert recovery.rto_seconds == pytest.approx(1.01)
    assert recovery.heal_disturbances == ()


@pytest.mark.parametrize("outcomes", ["", "xxxxxxxx", "xx...", GOOD + "x"])
def test_without_a_sustained_run_at_the_end_nothing_has_recovered(outcomes: str) -> None:
    recovery = measured(outcomes)
    assert (recovery.rto_seconds, recovery.recovered) == (None, False)


def test_a_heal_that_breaks_the_service_for_good_is_no_recovery() -> None:
    recovery = measured("x" + GOOD + "xx", heal_at=103.25)
    assert recovery.rto_seconds == pytest.approx(0.26)
    assert not recovery.recovered


def test_a_failure_in_flight_at_the_fault_counts_from_the_fault() -> None:
    flying = operation(0, 99.9, "unknown", latency=2.0)
    recovery = measure_recovery("user", [flying, *series(GOOD)], fault_at=FAULT_AT)
    (outage,) = recovery.outages
    assert outage.started_at == FAULT_AT


def test_a_success_held_through_the_outage_prolongs_it() -> None:
    held = operation(1, 100.25, latency=1.5)
    others = [op for op in series("x.x" + GOOD) if op.n != 1]
    recovery = measure_recovery("user", [held, *others], fault_at=FAULT_AT)
    assert recovery.rto_seconds == pytest.approx(1.75)


@given(st.text("..x?", min_size=1, max_size=60), st.data())
def test_turning_a_success_into_a_failure_never_shortens_the_recovery(outcomes: str, data: st.DataObject) -> None:
    """All take equally long here: a success that was held back longer than a failure is a different drill."""
    place = data.draw(st.integers(0, len(outcomes) - 1))
    worse = outcomes[:place] + "x" + outcomes[place + 1 :]
    before, after = (measured(text).rto_seconds for text in (outcomes, worse))
    assert after is None or (before is not None and after >= before)


@given(st.text(".x?", max_size=60))
def test_outages_are_in_order_and_apart(outcomes: str) -> None:
    outages = measured(outcomes).outages
    for earlier, later in pairwise(outages):
        assert earlier.ended_at is not None
        assert earlier.ended_at <= later.started_at
    assert all(outage.ended_at is not None for outage in outages[:-1])
