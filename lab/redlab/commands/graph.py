"""`redlab graph`: a topology drawn."""

from __future__ import annotations

from typing import Annotated

import typer

from redlab import graph
from redlab.commands.arguments import TopologyArgument, topology_of
from redlab.declaration import planned_inventory


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("graph")(draw)


def draw(
    topology: TopologyArgument = "",
    *,
    notation: Annotated[
        graph.Notation, typer.Option("--format", help="The notation of the drawing.")
    ] = graph.Notation.MERMAID,
) -> None:
    """Draw the topology of a stack, or of a topology file. The lab does not have to be up."""
    typer.echo(graph.draw(planned_inventory(topology_of(topology)), notation))
