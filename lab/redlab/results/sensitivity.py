"""Recovery time and loss as a function of the round trip between the sites and of the load: one cell for each pair."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redlab.results.campaign import CampaignResult


@dataclass(frozen=True, slots=True)
class Cell:
    """The drills at one round trip and one load. Figures cover the drills that were not aborted; None if all were.

    `lost_events_*`: acknowledged events that are missing after healing.   `recovered_events`: acknowledged events that
    were stranded in a dead site's gateways, and were stored after healing.   `oldest_lost_seconds`: age of the oldest
    lost event of all runs.
    """

    round_trip_milliseconds: float
    events_per_second: float
    runs: int
    passed: int
    rto_median_seconds: float | None
    rto_worst_seconds: float | None
    lost_events_median: float | None
    lost_events_worst: int | None
    recovered_events: int
    acknowledged_events: int
    oldest_lost_seconds: float | None


def cell(round_trip_milliseconds: float, events_per_second: float, campaign: CampaignResult) -> Cell:
    """Combine the drills of one cell."""
    measured = [run.measured for run in campaign.runs if run.measured and run.verdict != "aborted"]
    lost = [each.lost_events for each in measured]
    ages = [each.oldest_lost_age_seconds for each in measured if each.oldest_lost_age_seconds is not None]
    return Cell(
        round_trip_milliseconds,
        events_per_second,
        len(campaign.runs),
        campaign.passed,
        campaign.rto.median_seconds,
        campaign.rto.worst_seconds,
        float(median(lost)) if lost else None,
        max(lost, default=None),
        sum(each.recovered_events for each in measured),
        sum(each.acknowledged_events for each in measured),
        max(ages, default=None),
    )
