"""Arguments and options that several commands share."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from redlab.output import Format

StackArgument = Annotated[str, typer.Argument(metavar="STACK", help="The stack, for example `ha`.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]


def finite(value: float | None) -> float | None:
    """Give an option's number back; no limit holds against one that is not finite. Raises typer.BadParameter."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"found {value}; allowed: a finite number; why: no limit could be held against it")
    return value
