"""`redlab password`: the administrator's password of a lab."""

from __future__ import annotations

import typer

from redlab.commands.arguments import OptionalStackArgument
from redlab.control.lab import open_lab


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(password)


def password(stack: OptionalStackArgument = "") -> None:
    """Print the administrator's password for System Health. It is also the token of the management API."""
    typer.echo(open_lab(stack).management.token)
