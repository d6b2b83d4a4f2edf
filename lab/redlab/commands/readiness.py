"""`redlab readiness`: checks whether a failover would succeed now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from redlab.commands.arguments import FormatOption, OptionalStackArgument, duration_option
from redlab.control.lab import open_lab
from redlab.output import Format, print_json, print_table
from redlab.recovery import readiness


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("readiness")(show_readiness)


def show_readiness(
    stack: OptionalStackArgument = "",
    *,
    maximum_lag_seconds: Annotated[
        float, duration_option(help="How far the standby may be behind its primary.")
    ] = readiness.MAXIMUM_LAG_SECONDS,
    output: FormatOption = Format.TABLE,
) -> None:
    """Check point by point whether a failover would succeed now, and whether every node equals its counterparts.

    High Availability: spare servers and gateways, virtual IPs. Distributed High Availability: also the configuration
    store, the synchronous standby, the link and the last practice. Disaster Recovery: replication, disk, parameters,
    practice. Business Continuity: drift, event exchange, queues. Exit code 1: not ready.
    """
    findings = readiness.findings(open_lab(stack).inventory, maximum_lag_seconds)
    if output is Format.JSON:
        print_json({"ready": all(f.ready for f in findings), "findings": [asdict(f) for f in findings]})
    else:
        rows = [(f.name, "ready" if f.ready else "NOT READY", f.found, f.allowed) for f in findings]
        print_table(f"{stack}: ready for a failover?", ("check", "", "found", "allowed"), rows)
    raise typer.Exit(0 if all(f.ready for f in findings) else 1)
