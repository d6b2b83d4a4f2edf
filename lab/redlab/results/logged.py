"""Past drills: the logged figures of each, and the trend of each scenario. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redlab.measure.result import DrillResult

RECENT_RUNS = 10
"""How many of the latest runs a trend compares with the earlier ones."""


@dataclass(frozen=True, slots=True)
class LoggedDrill:
    """One logged drill. Times in seconds; None: the service never recovered, or the drill was aborted.

    ``reasons``: why the drill did not pass.
    """

    drill_id: str
    started_at: str
    scenario: str
    pattern: str
    stack: str
    verdict: str
    within_prediction: bool | None
    predicted_rto_seconds: float
    rto_seconds: float | None
    user_rto_seconds: float | None
    collection_rto_seconds: float | None
    processing_rto_seconds: float | None
    acknowledged_events: int
    lost_events: int
    duplicate_events: int
    events_per_second: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """The trend of one scenario of one pattern: all its drills, and the recent ones compared with the earlier ones.

    Median and worst are those of the pattern's RTO, over drills that were not aborted; None: infinite (no recovery), or
    no such drill.   ``change``: recent median divided by the earlier one; None without an earlier one.
    ``loss_rate_bound``: at most this share of such faults loses data, with 95 % confidence (rule of three).
    """

    scenario: str
    pattern: str
    runs: int
    passed: int
    failed: int
    aborted: int
    recent_median_seconds: float | None
    worst_seconds: float | None
    change: float | None
    acknowledged_events: int
    lost_events: int
    loss_rate_bound: float | None
    last_at: str


def logged(result: DrillResult) -> LoggedDrill:
    """Return the logged figures of a drill."""
    measured = result.measured
    return LoggedDrill(
        drill_id=result.drill_id,
        started_at=result.started_at,
        scenario=result.scenario,
        pattern=result.pattern,
        stack=result.stack,
        verdict=result.verdict,
        within_prediction=result.within_prediction,
        predicted_rto_seconds=result.predicted.rto_seconds,
        rto_seconds=measured.rto_seconds if measured else None,
        user_rto_seconds=measured.user_rto_seconds if measured else None,
        collection_rto_seconds=measured.collection_rto_seconds if measured else None,
        processing_rto_seconds=measured.processing_rto_seconds if measured else None,
        acknowledged_events=measured.acknowledged_events if measured else 0,
        lost_events=measured.lost_events if measured else 0,
        duplicate_events=measured.duplicate_events if measured else 0,
        events_per_second=result.load.events_per_second,
        reasons=result.reasons,
    )


def to_entry(drill: LoggedDrill) -> dict[str, Any]:
    """Return the drill as JSON values."""
    return asdict(drill)


def trends(drills: Iterable[LoggedDrill]) -> list[Trend]:
    """Return the trend of each scenario of each pattern, sorted by pattern and scenario."""
    groups: dict[tuple[str, str], list[LoggedDrill]] = {}
    for drill in sorted(drills, key=lambda drill: drill.started_at):
        groups.setdefault((drill.pattern, drill.scenario), []).append(drill)
    return [_trend(groups[key]) for key in sorted(groups)]


def _trend(drills: Sequence[LoggedDrill]) -> Trend:
    counted = [drill for drill in drills if drill.verdict != "aborted"]
    times = [math.inf if drill.rto_seconds is None else drill.rto_seconds for drill in counted]
    recent, before = times[-RECENT_RUNS:], times[:-RECENT_RUNS]
    lost = sum(drill.lost_events for drill in counted)
    verdicts = [drill.verdict for drill in drills]
    return Trend(
        scenario=drills[0].scenario,
        pattern=drills[0].pattern,
        runs=len(drills),
        passed=verdicts.count("passed"),
        failed=verdicts.count("failed"),
        aborted=verdicts.count("aborted"),
        recent_median_seconds=_finite(median(recent)) if recent else None,
        worst_seconds=_finite(max(times)) if times else None,
        change=_finite(median(recent) / median(before)) if before and median(before) > 0 else None,
        acknowledged_events=sum(drill.acknowledged_events for drill in counted),
        lost_events=lost,
        loss_rate_bound=min(1.0, 3 / len(counted)) if counted and not lost else None,
        last_at=drills[-1].started_at,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
