"""Rendering the resilience datasheet: table rows, Markdown, a self-contained HTML page, and JSON."""

from __future__ import annotations

from typing import Any

from redlab.report import matrix, plot
from redlab.report.figures import NONE, loss_rate_sentence, seconds
from redlab.report.templating import render
from redlab.results.campaign import CampaignResult
from redlab.results.datasheet import Datasheet, StackSheet
from redlab.results.documents import to_document

COLUMNS = (
    "fault",
    "outcome",
    "RTO median",
    "RTO worst",
    "users, worst",
    "predicted at most",
    "lost",
    "of acknowledged",
)


def rows(sheet: StackSheet) -> list[tuple[str, ...]]:
    """Return a table row for each scenario of a stack."""
    ran = [_row(campaign) for campaign in sheet.campaigns]
    return ran + [(one.scenario, f"not run: {one.why}", *[NONE] * (len(COLUMNS) - 2)) for one in sheet.unproven]


def _row(campaign: CampaignResult) -> tuple[str, ...]:
    counted = campaign.passed + campaign.failed
    of = f" ({campaign.passed} of {len(campaign.runs)} passed)" if len(campaign.runs) > 1 else ""
    none = "never" if counted else NONE
    return (
        campaign.scenario,
        f"{campaign.verdict}{of}",
        seconds(campaign.rto.median_seconds, none=none),
        seconds(campaign.rto.worst_seconds, none=none),
        seconds(campaign.user_rto.worst_seconds, none=none),
        seconds(campaign.runs[0].predicted.rto_seconds),
        str(campaign.lost_events),
        str(campaign.acknowledged_events),
    )


def summary(sheet: StackSheet) -> str:
    """Summarise the drills of a stack in two sentences."""
    campaigns = sheet.every_campaign
    drills = sum(campaign.passed + campaign.failed for campaign in campaigns)
    lost = sum(campaign.lost_events for campaign in campaigns)
    acknowledged = sum(campaign.acknowledged_events for campaign in campaigns)
    twice = sum(campaign.duplicate_events for campaign in campaigns)
    alone = ", ".join(sheet.single_points) or "none"
    points = f"Single points of failure by the topology: {alone}."
    if sheet.matrix:
        points = f"Single points of failure found: {', '.join(sheet.matrix.found) or 'none'}; by the topology: {alone}."
    return f"{drills} drills, {lost} of {acknowledged} acknowledged events lost, {twice} stored twice. {points}"


def document(sheet: Datasheet) -> dict[str, Any]:
    """Return the datasheet as JSON values; each campaign has the format of `redlab drill --runs`."""
    return {
        "kind": "datasheet",
        "started_at": sheet.started_at,
        "seconds": sheet.seconds,
        "stacks": [
            {
                "stack": each.stack,
                "pattern": each.pattern,
                "nodes": each.nodes,
                "single_points_of_failure": list(each.single_points),
                "campaigns": [to_document(campaign) for campaign in each.every_campaign],
                "unproven": [{"scenario": one.scenario, "why": one.why} for one in each.every_unproven],
                "fault_matrix": matrix.document(each),
            }
            for each in sheet.sheets
        ],
    }


def markdown(sheet: Datasheet) -> str:
    """Return the datasheet as Markdown."""
    return render("datasheet.md.j2", sheet=sheet, **_shown())


def page(sheet: Datasheet) -> str:
    """Return the datasheet as an HTML page, with a plot for each stack."""
    plots = {each.stack: plot.matrix(each.campaigns) for each in sheet.sheets if each.campaigns}
    return render("datasheet.html.j2", sheet=sheet, plots=plots, **_shown())


def _shown() -> dict[str, object]:
    """Return the values that both templates need."""
    return {
        "columns": COLUMNS,
        "rows": rows,
        "summary": summary,
        "proof": _proof,
        "remarks": _remarks,
        "matrix_columns": matrix.COLUMNS,
        "matrix_rows": matrix.rows,
        "matrix_notes": matrix.notes,
    }


def _proof(sheet: StackSheet) -> list[str]:
    """Return what the runs prove about data loss.

    Each campaign with a loss has a sentence; the others share one, unless their numbers of runs differ.
    """
    lossy = [campaign for campaign in sheet.every_campaign if campaign.lost_events]
    others = [campaign for campaign in sheet.every_campaign if campaign.runs and not campaign.lost_events]
    return [
        *(f"{campaign.scenario}: {loss_rate_sentence(campaign)}" for campaign in lossy),
        *dict.fromkeys(f"Each{' other' if lossy else ''} fault: {loss_rate_sentence(one)}" for one in others),
    ]


def _remarks(sheet: StackSheet) -> list[str]:
    """Return a sentence for each drill that did not pass or exceeded its bound, with reasons and warnings."""
    found = []
    for campaign in sheet.every_campaign:
        for number, run in enumerate(campaign.runs, 1):
            late = ["took longer than predicted"] if run.within_prediction is False else []
            why = [*run.reasons, *late]
            if run.verdict != "passed" or late:
                which = f", run {number}" if len(campaign.runs) > 1 else ""
                found.append(f"{campaign.scenario}{which}, {run.verdict}: {'; '.join([*why, *run.warnings])}")
    return found
