"""Rendering a drill or a campaign as a self-contained HTML page, which loads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redlab.measure.record import DrillRecord
from redlab.measure.result import DrillResult
from redlab.report import plot
from redlab.report.figures import (
    KIND_HEADINGS,
    duration_figures,
    event_figures,
    exchange_figures,
    images_tested,
    instants,
    kind_figures,
    other_sentences,
    recovery_figures,
    spread_figures,
)
from redlab.report.templating import render
from redlab.results.campaign import CampaignResult


def timelines(outcome: DrillResult | CampaignResult, records: Sequence[DrillRecord] = ()) -> dict[str, str]:
    """Return the timeline of each drill as SVG, by drill id. Without a record, a timeline shows no operations."""
    runs = outcome.runs if isinstance(outcome, CampaignResult) else (outcome,)
    by_id = {record.drill_id: record for record in records}
    # In a campaign, a timeline without operations is not worth its space; a single drill always has one.
    drawn = [run for run in runs if run.drill_id in by_id or len(runs) == 1]
    return {run.drill_id: plot.timeline(run, by_id.get(run.drill_id)) for run in drawn}


def page(outcome: DrillResult | CampaignResult, drawn: Mapping[str, str]) -> str:
    """Return the page; ``drawn``: the result of :func:`timelines`."""
    runs = outcome.runs if isinstance(outcome, CampaignResult) else (outcome,)
    return render(
        "report.html.j2",
        outcome=outcome,
        campaign=isinstance(outcome, CampaignResult),
        spread=plot.spread(outcome) if isinstance(outcome, CampaignResult) else "",
        runs=runs,
        timelines=drawn,
        services=("collection", "user", "processing"),
        recovery_figures=recovery_figures,
        event_figures=event_figures,
        duration_figures=duration_figures,
        exchange_figures=exchange_figures,
        kind_figures=kind_figures,
        images_tested=images_tested,
        other_sentences=other_sentences,
        kind_headings=KIND_HEADINGS,
        instants=instants,
        spread_figures=spread_figures,
    )
