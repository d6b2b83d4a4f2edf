"""Rendering recovery time and loss by link and load: table rows and a self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence

from redlab.report import plot
from redlab.report.figures import NONE
from redlab.report.templating import render
from redlab.results.sensitivity import Cell

COLUMNS = (
    "round trip",
    "load",
    "passed",
    "RTO median",
    "RTO worst",
    "lost, median",
    "lost, most",
    "of acknowledged",
    "recovered",
    "oldest lost",
)


def rows(cells: Sequence[Cell]) -> list[tuple[str, ...]]:
    """Return a table row for each cell."""
    return [
        (
            f"{cell.round_trip_milliseconds:g} ms",
            f"{cell.events_per_second:g}/s",
            f"{cell.passed} of {cell.runs}",
            _number(cell.rto_median_seconds, " s"),
            _number(cell.rto_worst_seconds, " s"),
            _number(cell.lost_events_median),
            _number(cell.lost_events_worst),
            str(cell.acknowledged_events),
            str(cell.recovered_events),
            _number(cell.oldest_lost_seconds, " s"),
        )
        for cell in cells
    ]


def page(stack: str, scenario: str, cells: Sequence[Cell]) -> str:
    """Return the page, with plots of recovery time and loss over the round trip."""
    return render(
        "sensitivity.html.j2",
        stack=stack,
        scenario=scenario,
        columns=COLUMNS,
        rows=rows(cells),
        plot=plot.sensitivity(cells),
    )


def _number(value: float | None, unit: str = "") -> str:
    return NONE if value is None else f"{value:.2f}{unit}" if unit else f"{value:g}"
