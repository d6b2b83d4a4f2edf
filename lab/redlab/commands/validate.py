"""`redlab validate`: checks whether a topology is valid."""

from __future__ import annotations

import typer

from redlab.commands.arguments import TopologyArgument, topology_of
from redlab.output import answer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(validate)


def validate(topology: TopologyArgument = "") -> None:
    """Check the shape of a topology and the rules of its pattern. Nothing is created."""
    checked = topology_of(topology)
    answer(f"{topology}: {checked.pattern}, {len(checked.sites)} site(s), {len(checked.nodes)} nodes: valid")
