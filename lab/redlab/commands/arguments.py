"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from redlab.output import Format

StackArgument = Annotated[str, typer.Argument(metavar="STACK", help="The stack, for example `ha`.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]
