"""`redlab controller`: switches automatic failover at run time, and fences dead primaries of a database cluster."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Annotated

import typer

from redlab.commands.arguments import StackArgument
from redlab.commands.settled import open_settled
from redlab.control import fencing
from redlab.errors import RedlabError
from redlab.output import answer, heed_interruptions, say
from redundancy.roles import Role


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(controller)


def controller(
    stack: StackArgument,
    *,
    automatic_failover: Annotated[
        bool | None,
        typer.Option(
            "--automatic-failover/--no-automatic-failover",
            help="Switch automatic failover on or off. By default only show its state.",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Fence every database primary that is proven dead, until Ctrl-C.")
    ] = False,
) -> None:
    """Show or switch automatic failover (the High Availability Controller) at run time.

    With --watch it also monitors a database cluster. When the engine proves a primary dead, the command releases the
    primary's lock at once; otherwise the lock expires with its lease.
    """
    lab = open_settled(stack)
    if watch and not lab.inventory.has_database_cluster:
        raise RedlabError(f"lab {stack} has no database cluster (database.availability: cluster): nothing to fence")
    if automatic_failover is not None:
        for management in lab.managements:
            management.set_automatic_failover(automatic_failover)
    answer(f"automatic failover is {'on' if lab.management.health().automatic_failover else 'off'}")
    if watch:
        heed_interruptions()
        servers = ", ".join(node.name for node in lab.inventory.of_role(Role.DATABASE))
        say(f"watching {servers}; Ctrl-C ends it")
        with fencing.Fencer(lab.inventory, say), suppress(KeyboardInterrupt):
            threading.Event().wait()
