"""The goals of the product, and whether a run met them. Pure: a missed goal fails no build by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Bound(StrEnum):
    """The side of the limit on which a measured value should be."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True)
class Goal:
    """One goal: the place of its value in the results, and its limit."""

    name: str
    path: tuple[str, ...]
    bound: Bound
    limit: float
    unit: str


GOALS = (
    Goal("pulumi up of the stack, over the raw API", ("deploy", "up_over_raw"), Bound.AT_MOST, 1.5, "×"),
    Goal("no-op pulumi up", ("deploy", "pulumi_no_op", "median_seconds"), Bound.AT_MOST, 2, "s"),
    Goal("one more container, over the raw API", ("marginal", "slope_over_raw"), Bound.AT_MOST, 1.2, "×"),
    Goal("single-event requests", ("ingest", "single", "requests_per_second"), Bound.AT_LEAST, 1000, "/s"),
    Goal("batched events, over direct inserts", ("ingest", "batched_over_direct"), Bound.AT_LEAST, 0.5, "×"),
    Goal(
        "commit, beyond round trip and local commit",
        ("distributed", "links", "commit_beyond_milliseconds"),
        Bound.AT_MOST,
        1,
        "ms",
    ),
    Goal("twin events", ("continuity", "exchange", "twin_events_per_second"), Bound.AT_LEAST, 500, "/s"),
    Goal("twin instances, over the raw API", ("continuity", "deploy", "up_over_raw"), Bound.AT_MOST, 1.5, "×"),
    Goal("twin instances, memory", ("continuity", "memory", "total_mebibytes"), Bound.AT_MOST, 2560, "MiB"),
    Goal("largest growth in a soak", ("soak", "worst_growth"), Bound.AT_MOST, 1.05, "×"),
    Goal("router", ("distributed", "links", "router_megabits_per_second"), Bound.AT_LEAST, 200, "Mbit/s"),
)


@dataclass(frozen=True)
class Evaluation:
    """A goal and its measured value; ``met`` is None if the run did not measure it."""

    name: str
    goal: str
    measured: float | None
    met: bool | None


def evaluate(results: Mapping[str, Any], goals: Sequence[Goal] = GOALS) -> list[Evaluation]:
    """Compare the goals with a run's results, a document of `bench`."""
    return [_evaluate(results, goal) for goal in goals]


def missed(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Return the goals that were measured and missed."""
    return [evaluation for evaluation in evaluations if evaluation.met is False]


def _evaluate(results: Mapping[str, Any], goal: Goal) -> Evaluation:
    value: Any = results
    for key in goal.path:
        value = value.get(key) if isinstance(value, Mapping) else None
    described = f"{goal.bound} {goal.limit:g} {goal.unit}"
    if value is None:
        return Evaluation(goal.name, described, None, None)
    met = value <= goal.limit if goal.bound is Bound.AT_MOST else value >= goal.limit
    return Evaluation(goal.name, described, value, met)
