"""`redlab datasheet`: runs every scenario of several stacks, and reports the measured RTO and RPO."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from redlab.commands.arguments import FormatOption, topologies
from redlab.commands.drill import line, run_once
from redlab.commands.lifecycle import destroy, up
from redlab.control.lab import Laboratory, open_lab
from redlab.drills import matrix
from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.errors import DrillInterruptedError, RedlabError
from redlab.output import Format, answer, heed_interruptions, print_json, print_table, say
from redlab.predict.single_points import single_points
from redlab.results.campaign import CampaignResult, summarise
from redlab.results.datasheet import Datasheet, FailOn, StackSheet, Unproven
from redlab.stack.pulumi import Stack

ALL = ("ha", "distributed-ha", "dr", "business-continuity")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(datasheet)


def datasheet(
    stacks: Annotated[
        list[str],
        typer.Argument(
            metavar="STACK…", help=f"The stacks; the four patterns: {' '.join(ALL)}.", autocompletion=topologies
        ),
    ],
    *,
    runs: Annotated[int, typer.Option(min=1, max=100, help="How often to run each scenario.")] = 1,
    with_matrix: Annotated[
        bool, typer.Option("--matrix/--no-matrix", help="Also crash, hang and cut every node, link and site.")
    ] = True,
    every_node: Annotated[
        bool,
        typer.Option(
            "--every-node",
            help="Break every node of the matrix, even one that is equivalent to a tested node.",
        ),
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="The folder for datasheet.html, .md, .json and junit.xml.", file_okay=False)
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="Which outcome ends with exit code 1.")] = FailOn.OBJECTIVE,
    output: FormatOption = Format.TABLE,
) -> None:
    """Run every scenario of each stack, and print RTO and RPO, predicted and measured.

    The fault matrix injects every kind of fault into every node, link and site, and finds the single points of failure.
    A stack that is not up is created and destroyed afterwards; stacks run one after the other.
    Exit code 1: an objective was missed. Exit code 3: a scenario could not be proven.
    """
    names = list(dict.fromkeys(stacks))
    heed_interruptions()
    began, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    sheet, written = Datasheet(at, 0.0, ()), list[Path]()
    for number, name in enumerate(names, 1):
        say(f"stack {number} of {len(names)}: {name}, {(time.monotonic() - began) / 60:.1f} minutes so far")
        found = _sheet(name, runs, with_matrix=with_matrix or every_node, every_node=every_node)
        sheet = Datasheet(at, time.monotonic() - began, (*sheet.sheets, found))
        if report:
            from redlab.report import files

            # After each stack: its results are kept if a later stack cannot be created.
            written = files.write_datasheet(sheet, report)
    _print(sheet, output)
    for path in written:
        say(f"written: {path}")
    raise typer.Exit(sheet.exit_code(fail_on))


def _sheet(stack: str, runs: int, *, with_matrix: bool, every_node: bool) -> StackSheet:
    ours = not Stack(stack).exists()
    try:
        if ours:
            up(stack)
        lab = open_lab(stack)
        chosen = matrix.runnable(lab.inventory)
        rows = matrix.plan(lab.inventory, chosen, every_node=every_node) if with_matrix else ()
        others = [cell.scenario for row in rows for cell in row.cells if cell.scenario and not cell.named]
        campaigns, unproven = _campaigns(lab, [*chosen, *others], runs)
        names = [scenario.name for scenario in chosen]
        return StackSheet(
            stack,
            lab.inventory.pattern,
            len(lab.inventory.nodes),
            tuple(campaigns[name] for name in names if name in campaigns),
            tuple(Unproven(name, unproven[name]) for name in names if name in unproven),
            single_points(lab.inventory),
            matrix.fill(rows, campaigns, unproven) if rows else None,
        )
    finally:
        if ours:
            destroy(stack)


def _campaigns(
    lab: Laboratory, chosen: Sequence[Scenario], runs: int
) -> tuple[dict[str, CampaignResult], dict[str, str]]:
    """Run the scenarios. Returns, by title, the campaigns and the errors of scenarios that could not be run."""
    campaigns: dict[str, CampaignResult] = {}
    unproven: dict[str, str] = {}
    for number, scenario in enumerate(chosen, 1):
        what = f"{lab.inventory.lab} {number}/{len(chosen)} {scenario.title}"
        try:
            campaigns[scenario.title] = _campaign(lab, scenario, runs, what)
        except DrillInterruptedError:
            raise
        except RedlabError as error:
            say(f"{what}: {error}")
            unproven[scenario.title] = str(error)
    return campaigns, unproven


def _campaign(lab: Laboratory, scenario: Scenario, runs: int, what: str) -> CampaignResult:
    results = []
    for run in range(1, runs + 1):
        prefix = f"{what}, run {run}/{runs}: " if runs > 1 else f"{what}: "
        _, result = run_once(lab, scenario, LoadSettings(), prefix)
        say(prefix + line(result))
        results.append(result)
    return summarise(results)


def _print(sheet: Datasheet, output: Format) -> None:
    from redlab.report import datasheet as rendered
    from redlab.report import matrix as rendered_matrix

    if output is Format.JSON:
        print_json(rendered.document(sheet))
        return
    for each in sheet.sheets:
        print_table(f"{each.stack}: {each.pattern}, {each.nodes} nodes", rendered.COLUMNS, rendered.rows(each))
        if each.matrix:
            print_table("fault matrix", rendered_matrix.COLUMNS, rendered_matrix.rows(each.matrix))
            for sentence in rendered_matrix.notes(each):
                answer(f"{sentence}.")
        answer(rendered.summary(each))
    answer(f"total time: {sheet.seconds / 60:.1f} minutes")
