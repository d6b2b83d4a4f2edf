"""A self-contained page about a drill or a campaign: nothing in it is loaded from elsewhere."""

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
    """Return each drill's timeline as SVG, by its id; without the drill's own record it has no operations."""
    runs = outcome.runs if isinstance(outcome, CampaignResult) else (outcome,)
    by_id = {record.drill_id: record for record in records}
    # A campaign shows the operations it has; of a single drill the lag is worth a plot without them.
    drawn = [run for run in runs if run.drill_id in by_id or len(runs) == 1]
    return {run.drill_id: plot.timeline(run, by_id.get(run.drill_id)) for run in drawn}


def page(outcome: DrillResult | CampaignResult, drawn: Mapping[str, str]) -> str:
    """Return the page; ``drawn`` are what :func:`timelines` returns."""
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
