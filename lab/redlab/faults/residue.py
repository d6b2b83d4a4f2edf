"""Taking away whatever faults have left: by the journal, and by looking at the containers themselves."""

from __future__ import annotations

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults import journal, node_fault
from redlab.inventory import Inventory
from redlab.probes.node_state import all_ready, node_states
from redlab.waiting import until

READY_SECONDS = 60


def heal(inventory: Inventory, *, wait: bool = True) -> list[str]:
    """Heal every fault and start what does not run; returns what was done, a line each.

    Works without a journal too. With ``wait`` it returns when every node is ready, or raises RedlabError.
    """
    done = []
    for entry in journal.entries(inventory.lab):
        node_fault.heal(entry)
        done.append(f"{entry.node}: {entry.kind} taken back")
    for name, container in engine.containers(inventory).items():
        if node_fault.heal_container(container):
            done.append(f"{name}: running again")
    if wait and not until(lambda: all_ready(inventory), READY_SECONDS, interval_seconds=0.25):
        states = ", ".join(f"{s.name} {s.state}" for s in node_states(inventory) if s.state != "healthy")
        raise RedlabError(f"after healing, not every node is ready: {states}")
    return done


def heal_orphans(inventory: Inventory) -> list[str]:
    """Heal what an interrupted command has left. Raises RedlabError while another drill is running on the lab."""
    entries = journal.entries(inventory.lab)
    running = sorted({entry.process for entry in entries if not entry.orphaned})
    if running:
        raise RedlabError(f"a drill is running on lab {inventory.lab} (process {running[0]}); wait for it, or `redlab heal`")
    return heal(inventory) if entries else []
