"""Taking away whatever faults have left: by the journal, and by looking at the containers themselves."""

from __future__ import annotations

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults import healing, journal, node_fault
from redlab.laboratory import Laboratory
from redlab.probes.node_state import all_ready, unready
from redlab.waiting import until

READY_SECONDS = 60


def heal(lab: Laboratory) -> list[str]:
    """Heal every fault, start what does not run, set the controller back; returns what was done, a line each.

    Works without a journal too, from what the engine shows. Raises RedlabError when a node does not get ready.
    """
    inventory = lab.inventory
    done = []
    for entry in journal.entries(inventory.lab):
        healing.heal(entry)
        done.append(f"{entry.node}: {entry.kind} taken back")
    for name, container in engine.containers(inventory).items():
        if node_fault.heal_container(container):
            done.append(f"{name}: running again")
    if not until(lambda: all_ready(inventory), READY_SECONDS, interval_seconds=0.25):
        raise RedlabError(f"after healing, not every node is ready: {unready(inventory)}")
    automatic_failover = journal.remembered_controller(inventory.lab)
    if automatic_failover is not None:
        restore_controller(lab, automatic_failover)
        done.append(f"automatic failover: {'on' if automatic_failover else 'off'} again")
    return done


def restore_controller(lab: Laboratory, automatic_failover: bool) -> None:
    """Set the controller as it was; the database may be just starting, so for a while a refusal is tried again."""

    def restored() -> bool:
        try:
            lab.management.set_automatic_failover(automatic_failover)
        except RedlabError:
            return False
        return True

    if not until(restored, READY_SECONDS, interval_seconds=0.25):
        lab.management.set_automatic_failover(automatic_failover)
    journal.forget_controller(lab.inventory.lab)


def heal_interrupted(lab: Laboratory) -> list[str]:
    """Heal what an interrupted drill has left; the caller holds the lab (``journal.exclusive``)."""
    name = lab.inventory.lab
    return heal(lab) if journal.entries(name) or journal.remembered_controller(name) is not None else []
