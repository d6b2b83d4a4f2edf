"""`redlab password`: what the administrator of a lab logs in with."""

from __future__ import annotations

import typer

from redlab.commands.arguments import LookedAtArgument
from redlab.control.lab import open_lab


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(password)


def password(stack: LookedAtArgument = "") -> None:
    """Print the administrator's password for System Health. It is also the token of the management API."""
    typer.echo(open_lab(stack).management.token)
