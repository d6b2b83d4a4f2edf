"""`redlab runbook`: prints the manual failover of a lab, step by step."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from redlab.commands.arguments import OptionalStackArgument
from redlab.control.lab import open_lab
from redlab.output import print_json
from redlab.recovery import runbook


class DocumentFormat(StrEnum):
    """How a document is printed."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("runbook")(show_runbook)


def show_runbook(
    stack: OptionalStackArgument = "",
    *,
    to: Annotated[
        str | None, typer.Option("--to", help="The site or the DPS that takes over. By default the other one.")
    ] = None,
    output: Annotated[
        DocumentFormat, typer.Option("--format", help="How to print the document.")
    ] = DocumentFormat.MARKDOWN,
) -> None:
    """Print the manual failover of a lab, step by step.

    Each step states its commands, checks, expected output and rollback, with the values of this lab.
    """
    from redlab.report import runbook as rendered

    inventory = open_lab(stack).inventory
    document = runbook.runbook(inventory, to or runbook.target(inventory))
    if output is DocumentFormat.JSON:
        print_json(rendered.to_document(document))
        return
    sys.stdout.write((rendered.page if output is DocumentFormat.HTML else rendered.markdown)(document))
