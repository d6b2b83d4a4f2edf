"""`redlab history`: lists past drills, and the trend of each scenario."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from redlab.commands.arguments import FormatOption
from redlab.drills import scenarios
from redlab.errors import RedlabError
from redlab.output import Format, answer, print_json, print_table, say
from redlab.results import logbook
from redlab.results.logbook import Practice
from redlab.results.logged import RECENT_RUNS, LoggedDrill, Trend, to_entry, trends


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(history)


def history(
    scenario: Annotated[str | None, typer.Argument(help="List the drills of this scenario.")] = None,
    *,
    stack: Annotated[str | None, typer.Option(help="Show only drills on this stack.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the latest drills to list.")] = 20,
    output: FormatOption = Format.TABLE,
) -> None:
    """Summarise the drills of this checkout by scenario: median, worst, losses, trend. With SCENARIO, also list each.

    Without SCENARIO, completed failovers are listed too, by drill or by hand: when, how, and how long each took.
    """
    drills = [
        drill
        for drill in logbook.read()
        if (stack is None or drill.stack == stack)
        and (scenario is None or scenario in (drill.scenario, drill.scenario.partition(" ")[0]))
    ]
    if scenario is not None and not drills:
        # Checked only now: past drills are found under names that scenarios no longer have.
        scenarios.known(scenario.partition(" ")[0])
    practised = [each for each in logbook.practices() if stack in (None, each.stack)] if scenario is None else []
    if output is Format.JSON:
        print_json(
            {
                "trends": [asdict(trend) for trend in trends(drills)],
                "drills": [to_entry(drill) for drill in drills],
                "practices": [asdict(each) for each in practised],
            }
        )
        return
    if practised:
        _show_practices(practised[-last:])
    if not drills and not practised:
        raise RedlabError("no such drill has been run from this checkout; `./redlab drill ha dps-crash` runs one")
    if drills:
        _show_trends(trends(drills))
    if scenario is not None:
        _show_drills(drills[-last:])
    else:
        say("`./redlab history SCENARIO` lists the drills of a scenario")


def _show_practices(practised: list[Practice]) -> None:
    rows = [
        (
            datetime.fromtimestamp(each.at, UTC).isoformat(timespec="seconds"),
            each.stack,
            each.how,
            each.to or "–",
            _seconds(each.seconds),
        )
        for each in practised
    ]
    print_table("Failovers practised", ("at", "stack", "how", "to", "took"), rows)


def _show_trends(found: list[Trend]) -> None:
    rows = [
        (
            trend.pattern,
            trend.scenario,
            trend.runs,
            f"{trend.passed} / {trend.failed} / {trend.aborted}",
            _seconds(trend.recent_median_seconds),
            _seconds(trend.worst_seconds),
            "" if trend.change is None else f"× {trend.change:.2f}",
            f"{trend.lost_events} of {trend.acknowledged_events}",
            "" if trend.loss_rate_bound is None else f"{trend.loss_rate_bound:.0%}",
        )
        for trend in found
    ]
    columns = ("pattern", "scenario", "runs", "passed / failed / aborted", f"median RTO (last {RECENT_RUNS})", "worst")
    print_table("Drills so far", (*columns, "against earlier runs", "events lost", "loses data in at most"), rows)


def _show_drills(drills: list[LoggedDrill]) -> None:
    rows = [
        (
            drill.started_at,
            drill.stack,
            drill.verdict,
            _seconds(drill.rto_seconds),
            _seconds(drill.user_rto_seconds),
            _seconds(drill.predicted_rto_seconds),
            f"{drill.lost_events} of {drill.acknowledged_events}",
        )
        for drill in drills
    ]
    print_table("", ("at", "stack", "verdict", "RTO", "users", "predicted", "events lost"), rows)
    for drill in drills:
        for reason in drill.reasons:
            answer(f"{drill.started_at} {drill.stack}: {drill.verdict}: {reason}")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"
