import pytest
from bench.goals import GOALS, Bound, Goal, evaluate, missed

FASTER = Goal("fast", ("deploy", "ratio"), Bound.AT_MOST, 1.5, "×")
MORE = Goal("many", ("ingest", "rate"), Bound.AT_LEAST, 1000, "/s")

RESULTS = {
    "deploy": {"up_over_raw": 1.4, "pulumi_no_op": {"median_seconds": 1.9}},
    "marginal": {"slope_over_raw": 1.1},
    "ingest": {"single": {"requests_per_second": 1200.0}, "batched_over_direct": 0.6},
    "continuity": {
        "exchange": {"twin_events_per_second": 600.0},
        "deploy": {"up_over_raw": 1.4},
        "memory": {"total_mebibytes": 2000.0},
    },
    "soak": {"worst_growth": 0.99},
    "distributed": {"links": {"commit_beyond_milliseconds": 0.9, "router_megabits_per_second": 900.0}},
}


@pytest.mark.parametrize(("value", "met"), [(1.4, True), (1.5, True), (1.501, False)])
def test_an_upper_limit_includes_its_value(value, met):
    assert evaluate({"deploy": {"ratio": value}}, [FASTER])[0].met is met


@pytest.mark.parametrize(("value", "met"), [(999.9, False), (1000, True), (1001, True)])
def test_a_lower_limit_includes_its_value(value, met):
    assert evaluate({"ingest": {"rate": value}}, [MORE])[0].met is met


@pytest.mark.parametrize("results", [{}, {"deploy": {}}, {"deploy": "failed"}])
def test_a_goal_that_was_not_measured_is_neither_met_nor_missed(results):
    (found,) = evaluate(results, [FASTER])
    assert (found.measured, found.met) == (None, None)
    assert missed([found]) == []


def test_a_run_that_meets_every_goal_misses_none():
    found = evaluate(RESULTS)
    assert [each.met for each in found] == [True] * len(GOALS)
    assert missed(found) == []


def test_a_slow_run_names_the_missed_goal():
    slow = {**RESULTS, "deploy": {"up_over_raw": 1.6, "pulumi_no_op": {"median_seconds": 1.9}}}
    assert [each.name for each in missed(evaluate(slow))] == ["pulumi up of the stack, over the raw API"]
