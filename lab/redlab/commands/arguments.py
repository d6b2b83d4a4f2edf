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
    """Return the names of the topologies in stacks/, which most stacks are called by."""
    return sorted(file.stem for file in checkout.STACKS.glob("*.yaml") if not file.name.startswith("Pulumi."))


def topology_of(stack_or_file: str) -> Topology:
    """Return the topology that a stack declares, or that a file describes; neither has to be up.

    Raises DocumentError when it is not allowed.
    """
    if stack_or_file.endswith((".yaml", ".yml")):
        return rules.accept(loading.read(Path(stack_or_file)), Path(stack_or_file).stem)
    return validated(stack_or_file, pulumi.Stack(stack_or_file).config())


def the_only_lab_up(ctx: typer.Context, stack: str) -> str:
    """Return the stack that was named; where none was, the only lab that is up, and say which one that is.

    Raises RedlabError that names the labs that are up when there are several, or none.
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
"""Of a command that changes or destroys something, or runs a load: it has no default."""
LookedAtArgument = Annotated[
    str,
    typer.Argument(
        metavar="STACK",
        help="The stack, for example `ha`. By default the only lab that is up.",
        show_default=False,
        callback=the_only_lab_up,
        autocompletion=topologies,
    ),
]
"""Of a command that only looks; its default is ''."""
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
"""Of a command that looks at what is declared; its default is ''."""
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]


def finite(value: float | None) -> float | None:
    """Give an option's number back; no limit holds against one that is not finite. Raises typer.BadParameter."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"found {value}; allowed: a finite number; why: no limit could be held against it")
    return value


def duration_in(unit: str = "s", *, least: float = 0, greatest: float = math.inf) -> Callable[[str | float], float]:
    """Return what reads an option that takes a duration, in its unit, within limits that are in this unit too.

    A number alone is in the unit, which the option's name says where it is not seconds. What is read raises
    typer.BadParameter.
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
    help: str,  # noqa: A002 as Typer calls it
    unit: str = "s",
    least: float = 0,
    greatest: float = math.inf,
) -> Any:
    """Return an option that takes a duration, as :func:`duration_in` reads it."""
    reader = duration_in(unit, least=least, greatest=greatest)
    return typer.Option(*names, help=help, parser=reader, metavar="DURATION")
