"""The commands of the CLI as it has them, and what kind each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from redlab import cli


def every_command(group: Any = None, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command, with the words that call it."""
    for name, found in (group or typer.main.get_command(cli.application())).commands.items():
        if hasattr(found, "commands"):
            yield from every_command(found, *names, name)
        else:
            yield (*names, name), found


def stack_argument(command: Any) -> Any:
    """The argument that names a stack; None where the command takes none."""
    return next((each for each in command.params if each.metavar in {"STACK", "STACK…", "STACK|FILE"}), None)


def looks(command: Any) -> bool:
    """Whether a command of a stack only looks: it finds out by itself which lab is up."""
    argument = stack_argument(command)
    return argument is not None and not argument.required and command.name != "drill"
