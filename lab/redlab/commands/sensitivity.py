"""`redlab sensitivity`: repeats a drill at several latencies and loads, to show how RTO and RPO depend on them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from redlab.commands.arguments import FormatOption, StackArgument
from redlab.commands.drill import line, run_once
from redlab.control import router
from redlab.control.lab import Laboratory, open_lab
from redlab.drills import scenarios
from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.drills.targets import joining_link
from redlab.errors import DrillInterruptedError, RedlabError
from redlab.measure.result import DrillResult
from redlab.measure.verdict import EXIT_CODES
from redlab.model.durations import UNIT_SECONDS, duration
from redlab.output import Format, heed_interruptions, print_json, print_table, say
from redlab.results.campaign import summarise
from redlab.results.sensitivity import Cell, cell

GREATEST = 2000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sensitivity)


def sensitivity(
    stack: StackArgument,
    scenario: Annotated[str, typer.Argument(help="The scenario of the drill to repeat.")] = "production-loss",
    *,
    round_trip_milliseconds: Annotated[
        str, typer.Option(help="The round trips to try, in ms, separated by commas.")
    ] = "0,20,100",
    events_per_second: Annotated[
        str, typer.Option(help="The loads to try, in events per second, separated by commas.")
    ] = "50,200",
    runs: Annotated[
        int, typer.Option(min=1, max=100, help="How often to run the drill with each pair of round trip and load.")
    ] = 3,
    report: Annotated[Path | None, typer.Option(help="The HTML file for the table and its plots.")] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Measure how RTO and RPO depend on the load and on the latency of the link between the sites.

    Exit code 1: an objective was missed. Exit code 3: a drill was aborted.
    """
    trips = _numbers("--round-trip-milliseconds", round_trip_milliseconds, 0, _milliseconds)
    loads = _numbers("--events-per-second", events_per_second, 5)
    lab = open_lab(stack)
    chosen = scenarios.find(scenario, lab.inventory.pattern)
    if len(lab.inventory.data_centers) != 2:
        raise RedlabError(f"lab {stack} ({lab.inventory.pattern}) has one site: no link to vary")
    link = joining_link(lab.inventory, *lab.inventory.data_centers)
    heed_interruptions()
    cells: list[Cell] = []
    exit_code = 0
    try:
        for trip in trips:
            for load in loads:
                done = [_drill(lab, chosen, link, trip, load, number, runs) for number in range(1, runs + 1)]
                exit_code = max(exit_code, *(EXIT_CODES[result.verdict] for result in done))
                cells.append(cell(trip, load, summarise(done)))
    except KeyboardInterrupt:
        raise DrillInterruptedError("interrupted; the lab has been healed") from None
    finally:
        for handled in (signal.SIGINT, signal.SIGTERM):
            signal.signal(handled, signal.SIG_IGN)  # a second Ctrl-C must not prevent the link's restoration
        router.restore(lab.inventory, link)
    _show(stack, scenario, cells, report, output)
    raise typer.Exit(exit_code)


def _drill(
    lab: Laboratory, chosen: Scenario, link: str, trip: float, load: float, number: int, runs: int
) -> DrillResult:
    prefix = f"{trip:g} ms, {load:g} events/s, {number}/{runs}: "
    # Before each drill: healing after the previous one may have restored the declared values.
    router.change(lab.inventory, link, {"round_trip_milliseconds": trip})
    _, result = run_once(lab, chosen, LoadSettings(events_per_second=load), prefix)
    say(prefix + line(result))
    return result


def _show(stack: str, scenario: str, cells: list[Cell], report: Path | None, output: Format) -> None:
    from redlab.report import files
    from redlab.report import sensitivity as rendered

    if output is Format.JSON:
        print_json({"stack": stack, "scenario": scenario, "cells": [asdict(each) for each in cells]})
    else:
        print_table(f"{stack} {scenario} by link and load", rendered.COLUMNS, rendered.rows(cells))
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        files.replace(report, rendered.page(stack, scenario, cells))
        say(f"written: {report}")


def _numbers(option: str, text: str, least: float, read: Callable[[str], float] = float) -> list[float]:
    try:
        numbers = [read(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(least <= number <= GREATEST for number in numbers):
        raise RedlabError(f"{option} {text!r}: allowed: numbers from {least:g} to {GREATEST}, separated by commas")
    return sorted(set(numbers))


def _milliseconds(text: str) -> float:
    return duration(text, "ms") / UNIT_SECONDS["ms"]
