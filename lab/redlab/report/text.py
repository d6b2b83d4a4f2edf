"""Printing a result on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from redlab.measure.result import DrillResult
from redlab.measure.verdict import Verdict
from redlab.report.figures import (
    KIND_HEADINGS,
    NONE,
    RecoveryFigure,
    duration_figures,
    event_figures,
    exchange_figures,
    images_tested,
    kind_figures,
    loss_rate_sentence,
    other_sentences,
    recovery_figures,
    seconds,
    spread_figures,
)
from redlab.results.campaign import CampaignResult

STYLES: dict[Verdict, str] = {"passed": "bold green", "failed": "bold red", "aborted": "bold yellow"}


def show(outcome: DrillResult | CampaignResult) -> None:
    """Print a result on standard output."""
    console = Console(highlight=False, markup=False)
    if isinstance(outcome, CampaignResult):
        _show_campaign(console, outcome)
    else:
        _show_drill(console, outcome)


def _show_drill(console: Console, result: DrillResult) -> None:
    _headline(console, f"{result.stack} {result.scenario}", result.verdict)
    for reason in result.reasons:
        console.print(Text(f"  • {_clean(reason)}", style="red" if result.verdict == "failed" else "yellow"))
    for warning in result.warnings:
        console.print(Text(f"  ! {_clean(warning)}", style="yellow"))
    if result.fault.landed:
        fault = result.fault
        console.print(Text(_clean(f"  {fault.kind} of {fault.target}: {fault.evidence}"), style="dim"))
    measured = result.measured
    if measured is None:
        return
    recovery = _table("recovery", "measured", "objective", "predicted at most")
    for figure in recovery_figures(result):
        objective = Text(f"{figure.objective_seconds:g} s")
        recovery.add_row(figure.service, _measured(figure), objective, seconds(figure.predicted_seconds))
    console.print(recovery)
    if result.operator and result.operator.time_scale > 1 and result.operator.rto_seconds is not None:
        told = result.operator
        console.print(f"with an operator who takes {told.delay_seconds:g} s to react: RTO {told.rto_seconds:.0f} s")
    if result.phases:
        phases = _table("phase", "takes", "with")
        for phase in result.phases:
            phases.add_row(phase.name, seconds(phase.seconds), ", ".join(phase.includes) or NONE)
        console.print(phases)
    events = _table("all data" if kind_figures(result) else "events", "count", "meaning", numeric=1)
    for event in event_figures(result):
        events.add_row(event.name, Text(str(event.events), style="bold red" if event.wrong else ""), event.meaning)
    console.print(events)
    _show_kinds(console, result)
    age = f", the oldest {seconds(measured.oldest_lost_age_seconds)} old" if measured.lost_events else ""
    console.print(f"RPO: {measured.lost_events} events lost{age}; objective: at most {result.objectives.rpo_events}")
    _show_replication(console, result)
    _show_exchange(console, result)
    _show_durations(console, result)
    _show_scope(console, result)


def _show_durations(console: Console, result: DrillResult) -> None:
    for duration in duration_figures(result):
        if duration.shown != NONE:
            console.print(f"{duration.name}: {duration.shown}")


def _show_scope(console: Console, result: DrillResult) -> None:
    """Print the tested images, the data outside the load, and the properties that the drill does not prove."""
    tested = [f"tested: {image[:19]} in {nodes}" for image, nodes in images_tested(result)]
    for sentence in (*other_sentences(result), *tested, *result.not_proven):
        console.print(Text(_clean(sentence), style="dim"))


def _show_kinds(console: Console, result: DrillResult) -> None:
    kinds = _table(*KIND_HEADINGS)
    for kind in kind_figures(result):
        kinds.add_row(kind.name, *map(str, kind.counts), style="bold red" if kind.wrong else "")
    if kinds.rows:
        console.print(kinds)


def _show_replication(console: Console, result: DrillResult) -> None:
    lag = result.replication
    if lag:
        console.print(
            f"replication was {lag.lag_events} events ({lag.lag_bytes} bytes) behind just before the fault; lost: "
            f"{lag.lost_events_before} events acknowledged before, {lag.lost_events_since} acknowledged since"
        )


def _show_exchange(console: Console, result: DrillResult) -> None:
    found = result.exchange
    if found is None:
        return
    twins = _table("event exchange", "count", "meaning", numeric=1)
    for figure in exchange_figures(result):
        twins.add_row(figure.name, Text(str(figure.events), style="bold red" if figure.wrong else ""), figure.meaning)
    console.print(twins)
    console.print(f"link between the instances: {found.link_bytes_per_event:.0f} bytes per event")


def _show_campaign(console: Console, campaign: CampaignResult) -> None:
    _headline(console, f"{campaign.stack} {campaign.scenario}, {len(campaign.runs)} runs", campaign.verdict)
    console.print(f"{campaign.passed} passed, {campaign.failed} failed, {campaign.aborted} aborted")
    runs = _table("run", "verdict", "RTO", "collection", "user", "processing", "lost", "of")
    for number, run in enumerate(campaign.runs, start=1):
        verdict = Text(run.verdict, style=STYLES[run.verdict])
        measured = run.measured
        if measured is None:
            runs.add_row(str(number), verdict, *[NONE] * 6)
            continue
        figures = [_measured(figure) for figure in recovery_figures(run)]
        runs.add_row(
            str(number), verdict, *figures, str(measured.lost_events), str(measured.acknowledged_events)
        )  # fmt: skip
    console.print(runs)
    for number, run in enumerate(campaign.runs, start=1):
        for note in (*run.reasons, *run.warnings):
            console.print(f"  run {number}: {_clean(note)}")
    spreads = _table("recovery", "median", "worst")
    for spread in spread_figures(campaign):
        spreads.add_row(spread.service, spread.median, spread.worst)
    console.print(spreads)
    console.print(f"{loss_rate_sentence(campaign)}; {campaign.duplicate_events} duplicates")
    console.print(f"two primaries at once: {seconds(campaign.dual_primary_seconds)}")
    console.print(
        f"within the predicted bound (all runs but aborted ones):{'yes' if campaign.within_prediction else 'no'}"
    )


def _headline(console: Console, what: str, verdict: Verdict) -> None:
    console.print(Text.assemble((verdict.upper(), STYLES[verdict]), f"  {_clean(what)}"))


def _measured(figure: RecoveryFigure) -> Text:
    """Return the time in red if it misses the objective, in yellow if it exceeds only the predicted bound."""
    style = "green" if figure.within_prediction else "yellow"
    return Text(seconds(figure.measured_seconds), style=style if figure.within_objective else "bold red")


def _clean(text: str) -> str:
    """Replace control characters, which a terminal would execute: evidence and errors quote output of nodes."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _table(first: str, *columns: str, numeric: int | None = None) -> Table:
    """Return a table; the first `numeric` columns after the row header are right-aligned (by default all)."""
    table = Table(header_style="bold")
    table.add_column(first)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if numeric is None or number < numeric else "left")
    return table
