"""`redlab topology`: the integrations that carry topology between the UCMDBs and the instances, and their state."""

from __future__ import annotations

from dataclasses import asdict

import typer

from redlab.commands.arguments import FormatOption, OptionalStackArgument
from redlab.control.lab import open_lab
from redlab.output import Format, print_json, print_table
from redlab.probes import topology


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("topology")(show)


def show(stack: OptionalStackArgument = "", *, output: FormatOption = Format.TABLE) -> None:
    """Show the integrations of the UCMDBs with each other and with the instances' topology databases (RTSM)."""
    found = topology.integrations(open_lab(stack).inventory)
    if output is Format.JSON:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (
            f"{one.source} to {one.target}",
            one.kind,
            ", ".join(one.item_types) or "all",
            str(one.applied),
            f"{one.state}: {one.reason}" if one.state == "failing" else one.state,
        )
        for one in found
    ]
    columns = ("integration", "type", "items", "applied", "state")
    print_table(f"{stack}: topology", columns, rows)
