"""The round trips of a connection against a limit."""

import pytest

from redlab.measure.round_trips import UNANSWERED, Consistency, RoundTrips, judge, summed

LIMIT = 5.0


def test_figures_worked_out_by_hand() -> None:
    trips = summed([1.0] * 50 + [2.0] * 48 + [6.0, 9.0], LIMIT)
    assert trips == RoundTrips(
        probes=100,
        unanswered=0,
        above=2,
        median_milliseconds=1.5,
        p99_milliseconds=6.0,
        maximum_milliseconds=9.0,
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
    good = summed([2.0] * 200, LIMIT)
    for phases in (
        {"normal": summed(milliseconds, LIMIT), "failover": good},
        {"normal": good, "failover": summed(milliseconds, LIMIT)},
    ):
        assert judge(phases, LIMIT).verdict is verdict


def test_it_says_which_phase_and_how_many() -> None:
    phases = {"normal": summed([2.0] * 100, LIMIT), "failover": summed([20.0] * 90 + [UNANSWERED] * 10, LIMIT)}
    found = judge(phases, LIMIT)
    assert found.why == "failover: 100 of 100 probes took 5 ms or longer, 10 were not answered"
    assert phases["failover"].maximum_milliseconds is None
    busy = {"normal": summed([2.0] * 90 + [6.0] * 10, LIMIT)}
    assert judge(busy, LIMIT).why.endswith("(the median is 2 ms: a busy machine delays probes as well)")
    assert judge({"normal": phases["normal"]}, LIMIT).why == "every probe took less than 5 ms"


def test_without_a_limit_nothing_is_exceeded_and_that_is_said() -> None:
    found = judge({"normal": summed([300.0] * 10, None)}, None)
    assert (found.verdict, found.limit_milliseconds) == (Consistency.NO_LIMIT, None)
    assert "any distance and any link will do" in found.why
