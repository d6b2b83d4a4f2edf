"""`redlab heal`: reverts every fault that a drill left behind."""

from __future__ import annotations

import typer

from redlab.commands.arguments import StackArgument
from redlab.control.lab import open_lab
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from redlab.output import answer, progress
from redlab.probes import gateway_queue, replication
from redlab.recovery import two_instances
from redlab.waiting import until

DRAIN_SECONDS = 30
"""How long the gateway queues may take to flow again after the faults are reverted."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(heal)


def heal(stack: StackArgument) -> None:
    """Revert every fault that a drill left behind, and wait until every node is ready.

    In a Disaster Recovery lab it also completes or reverts an interrupted procedure.
    """
    lab = open_lab(stack)
    with journal.exclusive(stack), progress("healing"):
        done = [*two_instances.resume(lab), *residue.heal(lab), *two_instances.lead_clients(lab)]
        until(lambda: not gateway_queue.waiting(lab.inventory), DRAIN_SECONDS, interval_seconds=0.25)
    given_up = replication.given_up(lab.inventory)
    done += [given_up] if given_up else []
    for line in done:
        answer(line)
    if stuck := gateway_queue.waiting(lab.inventory):
        raise RedlabError(f"every node is ready, but data is stuck in queues: {'; '.join(stuck)}")
    if not done:
        answer("nothing to heal")
