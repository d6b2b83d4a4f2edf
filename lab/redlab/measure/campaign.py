"""The same drill many times (`--runs N`): median, worst, and every single run."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

from redlab.measure.result import SCHEMA_VERSION, DrillResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redlab.measure.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and worst of a recovery time over the runs, in seconds; None if a run that counts never recovered."""

    median_seconds: float | None
    worst_seconds: float | None


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """A campaign. Figures are over the runs that were not aborted.

    loss_rate_bound: upper bound (95 %) of the share of runs that lose data, when none of n did: 3/n (the rule of
    three); None when data was lost, or nothing completed.   within_prediction: every run that counts was.
    """

    scenario: str
    pattern: str
    stack: str
    verdict: Verdict
    passed: int
    failed: int
    aborted: int
    rto: Spread
    collection_rto: Spread
    user_rto: Spread
    processing_rto: Spread
    acknowledged_events: int
    lost_events: int
    duplicate_events: int
    dual_primary_seconds: float
    loss_rate_bound: float | None
    within_prediction: bool
    runs: tuple[DrillResult, ...]
    kind: Literal["campaign"] = "campaign"
    schema_version: int = SCHEMA_VERSION

    @property
    def single_point_services(self) -> tuple[str, ...]:
        """The services that were away for as long as the fault lasted, in any run; empty: it is no single point."""
        found = [service for run in self.runs if run.single_point for service in run.single_point.services]
        return tuple(dict.fromkeys(found))


def summarise(runs: Sequence[DrillResult]) -> CampaignResult:
    """Sum up runs of one scenario on one stack. Raises ValueError when there are none, or of several scenarios.

    The verdict is `failed` if any run failed, else `aborted` if any was, else `passed`: a campaign with a hole in it
    has not passed.
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
    """Sum up; an unrecovered run is worse than any number, and makes the worst (perhaps the median) None."""
    ordered = sorted(float("inf") if value is None else value for value in seconds)
    if not ordered:
        return Spread(None, None)
    middle, worst = median(ordered), ordered[-1]
    infinite = float("inf")
    return Spread(None if middle == infinite else middle, None if worst == infinite else worst)
