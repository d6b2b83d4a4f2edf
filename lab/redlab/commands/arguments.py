"""Arguments and options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from redlab.errors import RedlabError
from redlab.model.durations import UNIT_SECONDS, duration, span
from redlab.output import Format, say
from redlab.stack import checkout, pulumi
from redlab.stack.declaration import validated
from redundancy import loading, rules
from redundancy.topology import Topology


def topologies() -> list[str]:
    """Return the names of the topologies in stacks/. Most stacks are named after their topology."""
    return sorted(file.stem for file in checkout.STACKS.glob("*.yaml") if not file.name.startswith("Pulumi."))


def topology_of(stack_or_file: str) -> Topology:
    """Return the topology of a stack or of a topology file. The lab does not have to be up.

    Raises DocumentError when the topology is invalid.
    """
    if stack_or_file.endswith((".yaml", ".yml")):
        return rules.accept(loading.read(Path(stack_or_file)), Path(stack_or_file).stem)
    return validated(stack_or_file, pulumi.Stack(stack_or_file).config())


def the_only_lab_up(ctx: typer.Context, stack: str) -> str:
    """Return the named stack; without a name, the only lab that is up, and print its name.

    Raises RedlabError when no lab is up, or several are; the message lists them.
    """
    if stack or ctx.resilient_parsing:
        return stack
    up = pulumi.stacks_up()
    if len(up) == 1:
        say(f"stack {up[0]}: it is the only lab that is up")
        return up[0]
    command = f"`{ctx.command_path} STACK`"
    if up:
        raise RedlabError(f"which stack? these labs are up: {', '.join(up)}; name one: {command}")
    raise RedlabError(f"which stack? no lab is up; name one: {command}. `redlab up STACK` stands a lab up")


StackArgument = Annotated[
    str, typer.Argument(metavar="STACK", help="The stack, for example `ha`.", autocompletion=topologies)
]
"""STACK of a command that changes or destroys something, or runs a load. It has no default."""
OptionalStackArgument = Annotated[
    str,
    typer.Argument(
        metavar="STACK",
        help="The stack, for example `ha`. By default the only lab that is up.",
        show_default=False,
        callback=the_only_lab_up,
        autocompletion=topologies,
    ),
]
"""STACK of a read-only command. Its default must be ''."""
TopologyArgument = Annotated[
    str,
    typer.Argument(
        metavar="STACK|FILE",
        help="A stack, or a topology file (.yaml). By default the only lab that is up.",
        show_default=False,
        callback=the_only_lab_up,
        autocompletion=topologies,
    ),
]
"""STACK or FILE of a command that reads a declared topology. Its default must be ''."""
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]


def finite(value: float | None) -> float | None:
    """Return an option's number unchanged. Raises typer.BadParameter when it is infinite or not a number."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"found {value}; allowed: a finite number; why: it cannot be compared with a limit")
    return value


def duration_in(unit: str = "s", *, least: float = 0, greatest: float = math.inf) -> Callable[[str | float], float]:
    """Return the parser of an option that takes a duration; ``least`` and ``greatest`` are in ``unit``.

    The parser returns the duration in ``unit``, and reads a number without a unit in it; the option's name states every
    unit other than seconds. The parser raises typer.BadParameter for a malformed duration or one outside the limits.
    """

    def read(value: str | float) -> float:
        if not isinstance(value, str):
            return value
        try:
            found = duration(value, unit) / UNIT_SECONDS[unit]
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        if not least <= found <= greatest:
            to = "" if greatest == math.inf else f" and at most {span(greatest * UNIT_SECONDS[unit])}"
            raise typer.BadParameter(f"found {value}; allowed: at least {span(least * UNIT_SECONDS[unit])}{to}")
        return found

    return read


def duration_option(
    *names: str,
    help: str,  # noqa: A002 Typer's name of the parameter
    unit: str = "s",
    least: float = 0,
    greatest: float = math.inf,
) -> Any:
    """Return an option whose value is a duration, parsed by :func:`duration_in`."""
    reader = duration_in(unit, least=least, greatest=greatest)
    return typer.Option(*names, help=help, parser=reader, metavar="DURATION")
