"""A self-contained page about a drill or a campaign: nothing in it is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from redlab.measure.campaign import CampaignResult
from redlab.measure.record import DrillRecord
from redlab.measure.result import DrillResult
from redlab.report import plot
from redlab.report.figures import seconds


def page(outcome: DrillResult | CampaignResult, records: Sequence[DrillRecord] = ()) -> str:
    """Return the page; without the drill's own record it has no timeline of operations."""
    environment = Environment(loader=PackageLoader("redlab.report"), undefined=StrictUndefined, autoescape=True)
    environment.filters["seconds"] = seconds
    runs = outcome.runs if isinstance(outcome, CampaignResult) else (outcome,)
    by_id = {record.drill_id: record for record in records}
    timelines = {
        run.drill_id: _markup(plot.timeline(run, by_id[run.drill_id])) for run in runs if run.drill_id in by_id
    }
    return environment.get_template("report.html.j2").render(
        outcome=outcome,
        campaign=isinstance(outcome, CampaignResult),
        spread=_markup(plot.spread(outcome)) if isinstance(outcome, CampaignResult) else "",
        runs=runs,
        timelines=timelines,
        events={run.drill_id: asdict(run.measured) if run.measured else {} for run in runs},
        services=("collection", "user", "processing"),
    )


def _markup(svg: str) -> Markup:
    """SVG of this project's own making, whose texts matplotlib has escaped."""
    return Markup(svg)  # noqa: S704
