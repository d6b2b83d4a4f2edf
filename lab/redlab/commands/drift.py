"""`redlab drift`: compares the configurations of active-active instances, and makes one like the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from redlab.commands.arguments import FormatOption, duration_option, the_only_lab_up, topologies
from redlab.control.lab import open_lab
from redlab.drift import databases
from redlab.drift.differences import Change, Disagreement, sampling
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.output import Format, answer, print_json, print_table, say

_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("drift")(show)


def show(
    ctx: typer.Context,
    stack: Annotated[
        str,
        typer.Argument(
            metavar="STACK",
            help="The stack. By default the only lab that is up. --apply requires it.",
            show_default=False,
            autocompletion=topologies,
        ),
    ] = "",
    *,
    apply: Annotated[
        str | None,
        typer.Option(
            metavar="SITE:SITE",
            help="Make the second site's instance like the first site's. The changes are shown first.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Apply the changes without asking.")] = False,
    measurements: Annotated[
        bool,
        typer.Option(
            "--measurements",
            help="Compare clocks and measurements instead, and list each measurement with different values. Exit code "
            "1: there are some.",
        ),
    ] = False,
    minutes: Annotated[
        float,
        duration_option(
            unit="m", least=1, greatest=100_000, help="Compare the measurements of the last minutes: 90, 90m, 1h30m."
        ),
    ] = 60,
    output: FormatOption = Format.TABLE,
) -> None:
    """Compare the configurations of active-active instances: alerts, reports, KPIs, SLAs, downtimes, topology and more.

    Exit code 1: they differ.
    """
    if apply is not None and not stack:
        raise RedlabError(f"drift: which stack? --apply changes it: `redlab drift STACK --apply {apply}`")
    stack = the_only_lab_up(ctx, stack)
    inventory = open_lab(stack).inventory
    if measurements:
        raise typer.Exit(1 if _show_measurements(inventory, minutes, output) else 0)
    if apply is not None:
        _apply(inventory, apply, output, yes=yes)
    found = databases.differences(inventory)
    if output is Format.JSON:
        print_json([asdict(one) for one in found])
    elif found:
        first, second = inventory.data_centers
        rows = [(one.kind, one.name, _short(one.first), _short(one.second)) for one in found]
        print_table(f"{stack}: the instances differ", ("kind", "name", first, second), rows)
    else:
        answer(f"{stack}: both instances are configured alike")
    raise typer.Exit(1 if found else 0)


def _apply(inventory: Inventory, ways: str, output: Format, *, yes: bool) -> None:
    source, _, target = ways.partition(":")
    todo = databases.changes(inventory, source, target)
    _show_plan(target, todo)
    if not todo:
        return
    if output is Format.JSON and not yes:
        raise RedlabError("--apply with --format json cannot ask for confirmation: add --yes")
    if not yes:
        typer.confirm(f"make {target} like {source}?", abort=True, err=True)
    databases.carry_out(inventory, target, todo)


def _show_plan(target: str, todo: Sequence[Change]) -> None:
    for change in todo:
        say(f"{target}: {change.what}")
    if not todo:
        say(f"{target}: nothing to change")


def _show_measurements(inventory: Inventory, minutes: float, output: Format) -> bool:
    """Print the comparison of clocks and measurements. Returns whether a measurement has different values."""
    clocks, found = databases.clocks(inventory), databases.measured(inventory, minutes)
    exchange = inventory.event_exchange
    often = sampling(exchange.events_per_second, exchange.interval_factor) if exchange else None
    if output is Format.JSON:
        taken = asdict(often) if often else None
        print_json({"minutes": minutes, "clocks": asdict(clocks), "sampling": taken, "measurements": asdict(found)})
        return found.different_data > 0
    first, second = inventory.data_centers
    rows = [
        (f"clock of {second} ahead of {first}", f"{clocks.ahead_seconds:.3f} s ± {clocks.uncertain_seconds:.3f} s"),
        *(
            [
                ("each collector measures every", f"{often.interval_of_each_seconds:g} s"),
                ("effective resolution", f"{often.resolution_seconds:g} s"),
                ("load on the monitored system", f"{often.relative_load:g} times that of one collector"),
            ]
            if often
            else []
        ),
        ("measurements in both", found.in_both),
        (f"in {first} only", found.in_first_only),
        (f"in {second} only", found.in_second_only),
        ("apart, median", _milliseconds(found.apart_median_milliseconds)),
        ("apart, at most", _milliseconds(found.apart_maximum_milliseconds)),
        ("with different values", found.different_data),
        *([("of collectors without a counterpart", found.without_twin)] if found.without_twin else []),
    ]
    print_table(f"measurements of the last {minutes:g} minutes", ("", ""), rows)
    if found.disagreements:
        columns = ("at", "collector", "interval", "kind", first, second)
        print_table("measurements with different values", columns, [*map(_disagreement, found.disagreements[:_SHOWN])])
    if found.different_data > _SHOWN:
        answer(f"{found.different_data - _SHOWN} more: `--format json` lists all")
    return found.different_data > 0


def _disagreement(one: Disagreement) -> tuple[str, ...]:
    at = datetime.fromtimestamp(one.at, UTC).isoformat(timespec="seconds")
    return (at, one.collector, str(one.interval), one.kind, _short(one.first), _short(one.second))


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _short(content: Any) -> str:
    shown = "-" if content is None else json.dumps(content, sort_keys=True, ensure_ascii=False)
    return shown if len(shown) <= 60 else shown[:57] + "..."
