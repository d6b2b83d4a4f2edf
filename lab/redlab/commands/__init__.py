"""The commands of the CLI, grouped by what they do."""

from __future__ import annotations

import typer

from redlab.commands import (
    advise,
    datasheet,
    doctor,
    drift,
    drill,
    history,
    lifecycle,
    link,
    look,
    operate,
    recovery_plan,
    sensitivity,
    topology,
    watch,
)


def register(app: typer.Typer) -> None:
    """Add every command to the application, in the order in which the help lists them."""
    for module in (
        advise,
        doctor,
        lifecycle,
        look,
        watch,
        drill,
        datasheet,
        history,
        sensitivity,
        operate,
        recovery_plan,
        topology,
        drift,
        link,
    ):
        module.register(app)
