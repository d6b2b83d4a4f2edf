"""Commands that prepare for the day production is lost: the runbook, and whether everything is ready for it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from redlab import readiness, runbook
from redlab.commands.arguments import FormatOption, StackArgument, finite
from redlab.laboratory import open_lab
from redlab.output import Format, print_json, print_table


class DocumentFormat(StrEnum):
    """How a document is printed."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("runbook")(show_runbook)
    app.command("readiness")(show_readiness)


def show_runbook(
    stack: StackArgument = "dr",
    *,
    to: Annotated[
        str | None, typer.Option("--to", help="The site, or the DPS, that takes over; by default the other one.")
    ] = None,
    output: Annotated[DocumentFormat, typer.Option("--format", help="How to print it.")] = DocumentFormat.MARKDOWN,
) -> None:
    """Print the failover of a lab as a document, populated: every step with its commands, each parameter's values."""
    from redlab.report import runbook as rendered

    inventory = open_lab(stack).inventory
    document = runbook.runbook(inventory, to or runbook.target(inventory))
    if output is DocumentFormat.JSON:
        print_json(rendered.to_document(document))
        return
    sys.stdout.write((rendered.page if output is DocumentFormat.HTML else rendered.markdown)(document))


def show_readiness(
    stack: StackArgument = "dr",
    *,
    maximum_lag_seconds: Annotated[
        float, typer.Option(callback=finite, min=0, help="How far the standby may be behind.")
    ] = readiness.MAXIMUM_LAG_SECONDS,
    output: FormatOption = Format.TABLE,
) -> None:
    """Say whether a failover would work now, point by point; and whether every node is like its counterparts.

    High Availability: servers and gateways to spare, virtual IPs. Distributed HA: beside that the configuration store,
    the synchronous standby, the link, the last practice. Disaster Recovery: replication, disk, parameters, practice.
    Business Continuity: drift, exchange, queues. Exit codes: 0 ready, 1 not.
    """
    findings = readiness.findings(open_lab(stack).inventory, maximum_lag_seconds)
    if output is Format.JSON:
        print_json({"ready": all(f.ready for f in findings), "findings": [asdict(f) for f in findings]})
    else:
        rows = [(f.name, "ready" if f.ready else "NOT READY", f.found, f.allowed) for f in findings]
        print_table(f"{stack}: ready for a failover?", ("what", "", "found", "allowed"), rows)
    raise typer.Exit(0 if all(f.ready for f in findings) else 1)
