"""The round trips of a connection against a limit."""

import pytest

from redlab.measure.round_trips import UNANSWERED, Consistency, Probe, RoundTrips, judge, summed

LIMIT = 5.0


def probed(milliseconds: list[float], late: float = 0.0, limit: float | None = LIMIT) -> RoundTrips:
    return summed([Probe(each, late) for each in milliseconds], limit)


def test_figures_worked_out_by_hand() -> None:
    trips = probed([1.0] * 50 + [2.0] * 48 + [6.0, 9.0], late=0.25)
    assert trips == RoundTrips(
        probes=100,
        unanswered=0,
        above=2,
        median_milliseconds=1.5,
        p99_milliseconds=6.0,
        maximum_milliseconds=9.0,
        late_p99_milliseconds=0.25,
    )


@pytest.mark.parametrize(
    ("milliseconds", "verdict"),
    [
        ([2.0] * 200, Consistency.MET),
        ([4.999] * 200, Consistency.MET),
        ([2.0] * 199 + [5.0], Consistency.NOT_ALWAYS),
        ([2.0] * 198 + [7.0] * 2, Consistency.NOT_ALWAYS),
        ([2.0] * 197 + [7.0] * 3, Consistency.EXCEEDED),
        ([2.0] * 199 + [UNANSWERED], Consistency.NOT_ALWAYS),
        ([2.0] * 190 + [UNANSWERED] * 10, Consistency.EXCEEDED),
        ([5.0] * 200, Consistency.EXCEEDED),
        ([20.0] * 200, Consistency.EXCEEDED),
        ([UNANSWERED] * 20, Consistency.EXCEEDED),
    ],
)
def test_a_link_is_judged_by_its_slowest_probes(milliseconds: list[float], verdict: Consistency) -> None:
    good = probed([2.0] * 200)
    for phases in (
        {"normal": probed(milliseconds), "failover": good},
        {"normal": good, "failover": probed(milliseconds)},
    ):
        assert judge(phases, LIMIT).verdict is verdict


@pytest.mark.parametrize(
    ("milliseconds", "late", "verdict"),
    [
        ([2.0] * 90 + [8.0] * 10, 0.0, Consistency.EXCEEDED),
        ([2.0] * 90 + [8.0] * 10, 1.5, Consistency.EXCEEDED),
        ([2.0] * 90 + [8.0] * 10, 1.6, Consistency.UNDECIDED),
        ([2.0] * 100, 50.0, Consistency.MET),
        ([20.0] * 100, 50.0, Consistency.EXCEEDED),
        ([2.0] * 90 + [UNANSWERED] * 10, 50.0, Consistency.EXCEEDED),
    ],
)
def test_a_busy_machine_is_not_taken_for_a_slow_link(
    milliseconds: list[float], late: float, verdict: Consistency
) -> None:
    found = judge({"normal": probed([2.0] * 100), "failover": probed(milliseconds, late)}, LIMIT)
    assert found.verdict is verdict
    assert ("too busy (it woke processes" in found.why) == (verdict is Consistency.UNDECIDED)


def test_it_says_which_phase_and_how_many() -> None:
    phases = {"normal": probed([2.0] * 100), "failover": probed([20.0] * 90 + [UNANSWERED] * 10)}
    found = judge(phases, LIMIT)
    assert found.why == "failover: 100 of 100 probes took 5 ms or longer, 10 were not answered"
    assert phases["failover"].maximum_milliseconds is None
    assert judge({"normal": phases["normal"]}, LIMIT).why == "every probe took less than 5 ms"


def test_without_a_limit_nothing_is_exceeded_and_that_is_said() -> None:
    found = judge({"normal": probed([300.0] * 10, limit=None)}, None)
    assert (found.verdict, found.limit_milliseconds) == (Consistency.NO_LIMIT, None)
    assert "any distance and any link is allowed" in found.why
