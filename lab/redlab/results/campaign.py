"""Campaigns: several runs of one drill (`--runs N`), with median, worst and every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Literal

from redlab.measure.result import SCHEMA_VERSION, DrillResult
from redlab.measure.said import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redlab.measure.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and worst recovery time of the runs, in seconds. None: the median or worst run never recovered."""

    median_seconds: float | None = field(metadata=said("Median."))
    worst_seconds: float | None = field(metadata=said("Worst."))


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """The result of a campaign. Its figures cover the runs that were not aborted."""

    scenario: str = field(metadata=said("The scenario, and its element if it has one."))
    pattern: str = field(metadata=said("The redundancy pattern."))
    stack: str = field(metadata=said("The stack."))
    verdict: Verdict = field(metadata=said("failed if a run failed, else aborted if one was aborted, else passed."))
    passed: int = field(metadata=said("Runs that passed.", least=0))
    failed: int = field(metadata=said("Runs that failed.", least=0))
    aborted: int = field(metadata=said("Runs that were aborted.", least=0))
    rto: Spread = field(
        metadata=said("Median and worst over the runs that were not aborted; null if they never recovered.")
    )
    collection_rto: Spread = field(
        metadata=said("Median and worst over the runs that were not aborted; null if they never recovered.")
    )
    user_rto: Spread = field(
        metadata=said("Median and worst over the runs that were not aborted; null if they never recovered.")
    )
    processing_rto: Spread = field(
        metadata=said("Median and worst over the runs that were not aborted; null if they never recovered.")
    )
    acknowledged_events: int = field(metadata=said("Sum over the runs.", least=0))
    lost_events: int = field(metadata=said("Sum over the runs.", least=0))
    duplicate_events: int = field(metadata=said("Sum over the runs.", least=0))
    dual_primary_seconds: float = field(metadata=said("Sum over the runs.", least=0))
    loss_rate_bound: float | None = field(
        metadata=said(
            "Upper bound (95 %) of the share of runs that lose data when none of n did: 3/n; null when data was lost."
        )
    )
    within_prediction: bool = field(metadata=said("Every run that was not aborted was within its bound."))
    runs: tuple[DrillResult, ...] = field(metadata=said("The result of every run."))
    kind: Literal["campaign"] = field(default="campaign", metadata=said("The kind of result."))
    schema_version: Literal[1] = field(
        default=SCHEMA_VERSION, metadata=said("Incremented when a field changes its meaning or is removed.")
    )

    @property
    def single_point_services(self) -> tuple[str, ...]:
        """The services that were down as long as the fault lasted, in any run. Empty: no single point of failure."""
        found = [service for run in self.runs if run.single_point for service in run.single_point.services]
        return tuple(dict.fromkeys(found))


def summarise(runs: Sequence[DrillResult]) -> CampaignResult:
    """Combine the runs of one scenario on one stack. Raises ValueError without runs, or with several scenarios.

    The verdict is `failed` if any run failed, else `aborted` if any run was aborted, else `passed`.
    """
    if len({(run.stack, run.scenario) for run in runs}) != 1:
        raise ValueError("a campaign needs runs, all of one scenario on one stack")
    verdicts = [run.verdict for run in runs]
    counted = [run for run in runs if run.verdict != "aborted"]
    figures = [run.measured for run in counted if run.measured is not None]
    lost = sum(figure.lost_events for figure in figures)
    verdict: Verdict = "failed" if "failed" in verdicts else "aborted" if "aborted" in verdicts else "passed"
    return CampaignResult(
        scenario=runs[0].scenario,
        pattern=runs[0].pattern,
        stack=runs[0].stack,
        verdict=verdict,
        passed=verdicts.count("passed"),
        failed=verdicts.count("failed"),
        aborted=verdicts.count("aborted"),
        rto=_spread(figure.rto_seconds for figure in figures),
        collection_rto=_spread(figure.collection_rto_seconds for figure in figures),
        user_rto=_spread(figure.user_rto_seconds for figure in figures),
        processing_rto=_spread(figure.processing_rto_seconds for figure in figures),
        acknowledged_events=sum(figure.acknowledged_events for figure in figures),
        lost_events=lost,
        duplicate_events=sum(figure.duplicate_events for figure in figures),
        dual_primary_seconds=sum(figure.dual_primary_seconds for figure in figures),
        loss_rate_bound=min(1.0, 3 / len(figures)) if figures and not lost else None,
        within_prediction=bool(counted) and all(run.within_prediction for run in counted),
        runs=tuple(runs),
    )


def _spread(seconds: Iterable[float | None]) -> Spread:
    """Return median and worst. A run that never recovered counts as infinite; an infinite figure is None."""
    ordered = sorted(float("inf") if value is None else value for value in seconds)
    if not ordered:
        return Spread(None, None)
    middle, worst = median(ordered), ordered[-1]
    infinite = float("inf")
    return Spread(None if middle == infinite else middle, None if worst == infinite else worst)
