"""Rendering the fault matrix: table rows and JSON."""

from __future__ import annotations

from typing import Any

from redlab.report.figures import NONE, seconds
from redlab.results.datasheet import StackSheet
from redlab.results.matrix import FAULTS, SINGLE_POINT, Cell, Matrix, Row

COLUMNS = ("what fails", "stands for", *FAULTS)


def rows(matrix: Matrix) -> list[tuple[str, ...]]:
    """Return a table row for each element."""
    return [(_name(row), ", ".join(row.stands_for), *map(_text, row.cells)) for row in matrix.rows]


def notes(sheet: StackSheet) -> list[str]:
    """Return sentences that explain the matrix, state its findings, and list contradictions to the topology."""
    matrix = sheet.matrix
    if matrix is None:
        return []
    return [
        "A cell shows outcome, worst RTO (predicted at most), lost events, and the name of a named scenario; in all "
        "other cells the lab's automation is on",
        "Equivalent nodes are represented by the tested one; the column stands for lists them",
        f"A {SINGLE_POINT} is an element that users, collection or processing waited for until it was healed; the RTO "
        "is then that of a repair, and is not compared with the objective",
        f"Found: {', '.join(matrix.found) or 'none'}",
        *(f"Disagreement: {sentence}" for sentence in sheet.disagreements),
    ]


def document(sheet: StackSheet) -> dict[str, Any] | None:
    """Return the matrix as JSON values. Cells refer to the stack's campaigns by scenario."""
    matrix = sheet.matrix
    if matrix is None:
        return None
    return {
        "faults": list(FAULTS),
        "rows": [
            {
                "kind": row.kind,
                "element": row.element,
                "stands_for": list(row.stands_for),
                "single_points_found": list(row.found),
                "cells": [_cell(cell) for cell in row.cells],
            }
            for row in matrix.rows
        ],
        "single_points_found": list(matrix.found),
        "disagreements": list(sheet.disagreements),
    }


def _name(row: Row) -> str:
    return row.element if row.kind == "node" else f"{row.kind} {row.element}"


def _text(cell: Cell) -> str:
    campaign = cell.campaign
    if campaign is None:
        return f"not run: {cell.why}" if cell.scenario else cell.why or NONE
    services = f" ({', '.join(campaign.single_point_services)})" if campaign.single_point_services else ""
    named = f" [{cell.scenario}]" if cell.named else ""
    if not cell.proven:
        return f"{cell.outcome}{named}"
    worst, bound = seconds(campaign.rto.worst_seconds), seconds(campaign.runs[0].predicted.rto_seconds)
    return f"{cell.outcome}{services}: {worst} (≤ {bound}), {campaign.lost_events} lost{named}"


def _cell(cell: Cell) -> dict[str, Any]:
    campaign = cell.campaign
    return {
        "fault": cell.fault,
        "scenario": cell.scenario or None,
        "outcome": cell.outcome or None,
        "why": cell.why or None,
        "rto_worst_seconds": campaign.rto.worst_seconds if campaign else None,
        "predicted_rto_seconds": campaign.runs[0].predicted.rto_seconds if campaign else None,
        "lost_events": campaign.lost_events if campaign else None,
        "services_away": list(campaign.single_point_services) if campaign else [],
    }
