"""`redlab exec`: runs a command inside a node."""

from __future__ import annotations

import subprocess
from typing import Annotated

import typer

from redlab.commands.arguments import StackArgument
from redlab.control.lab import open_lab


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("exec", context_settings={"ignore_unknown_options": True})(execute)


def execute(
    stack: StackArgument,
    node: Annotated[str, typer.Argument(help="The node, for example gw1.")],
    command: Annotated[list[str], typer.Argument(help="The command and its arguments.")],
) -> None:
    """Run a command inside a node, with this terminal's input and output."""
    container = open_lab(stack).inventory.node(node).container
    raise typer.Exit(subprocess.run(["docker", "exec", "-i", container, *command], check=False).returncode)
