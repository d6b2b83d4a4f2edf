"""`redlab graph`: draws a topology."""

from __future__ import annotations

from typing import Annotated

import typer

from redlab.commands.arguments import TopologyArgument, topology_of
from redlab.report import diagram
from redlab.stack.declaration import planned_inventory


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("graph")(draw)


def draw(
    topology: TopologyArgument = "",
    *,
    notation: Annotated[
        diagram.Notation, typer.Option("--format", help="The notation of the drawing.")
    ] = diagram.Notation.MERMAID,
) -> None:
    """Draw the topology of a stack or of a topology file. The lab does not have to be up."""
    typer.echo(diagram.draw(planned_inventory(topology_of(topology)), notation))
