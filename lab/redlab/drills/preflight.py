"""What has to be so before a drill breaks anything, and what is written down of where it ran."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from redlab import engine
from redlab.control import automation
from redlab.control.automation import Automation
from redlab.control.lab import Laboratory
from redlab.control.management import Services
from redlab.drills.matrix import lacking
from redlab.drills.scenario import Scenario
from redlab.errors import RedlabError
from redlab.faults import journal
from redlab.model.inventory import Inventory
from redlab.probes import gateway_queue
from redlab.probes.node_state import all_ready, unready
from redlab.waiting import until
from redundancy.roles import Role

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another one on every start of every kernel (random(4)); the same in all containers of one."""
LEDGER_SECONDS = 1800
"""How long what is stored has to be kept, so that no drill loses its ledger: the longest takes half of it."""
PREFLIGHT_SECONDS = 30
"""How long each condition is waited for."""


def check(inventory: Inventory, scenario: Scenario, services: Callable[[], Services]) -> None:
    """Wait until nodes and ``services`` are well and nothing is stuck in a queue.

    Raises RedlabError, which says what is not so, or which nodes the scenario lacks.
    """
    refuse_another_kernel(inventory)
    refuse_a_short_memory(inventory)
    if lacks := lacking(inventory, scenario):
        raise RedlabError(lacks)
    if not until(lambda: all_ready(inventory), PREFLIGHT_SECONDS, 0.25):
        raise RedlabError(f"pre-flight: not every node is ready: {unready(inventory)}")
    if not until(lambda: services().state == "active", PREFLIGHT_SECONDS, 0.1):
        raise RedlabError(f"pre-flight: the services are not active: {services()}")
    if not until(lambda: not gateway_queue.waiting(inventory), PREFLIGHT_SECONDS, 0.5):
        raise RedlabError(f"pre-flight: stuck in queues: {'; '.join(gateway_queue.waiting(inventory))}")


def refuse_a_short_memory(inventory: Inventory) -> None:
    """Raise RedlabError where what is stored is deleted before a drill could have read it."""
    kept_seconds = inventory.timers.retention_seconds or LEDGER_SECONDS
    if kept_seconds < LEDGER_SECONDS:
        raise RedlabError(
            f"pre-flight: retentionSeconds is {kept_seconds:g} in the topology, and what is older goes: a drill would "
            f"take it for lost. It needs at least {LEDGER_SECONDS:g}"
        )


def refuse_another_kernel(inventory: Inventory, own: Path = BOOT_ID) -> None:
    """Raise RedlabError where the containers run on another kernel, whose monotonic clock says something else.

    A drill compares the instants of its faults with those of the collectors' operations. In a virtual machine (Docker
    Desktop), or on another machine, its figures would be wrong without anybody noticing.
    """
    node = inventory.of_role(Role.COLLECTOR)[0]
    here = own.read_text().strip() if own.is_file() else "none"
    if engine.execute(node, ["cat", str(BOOT_ID)]).strip() != here:
        raise RedlabError(
            f"pre-flight: {node.name} runs on another kernel than this command (a virtual machine, such as Docker "
            "Desktop's, or another machine), so their clocks cannot be compared. Run redlab beside the engine"
        )


def set_automation(lab: Laboratory, scenario: Scenario) -> None:
    """Have act by itself what does so in the scenario; the journal remembers how it was."""
    before = automation.read(lab)
    clients = None if before.clients is None else scenario.automatic_site
    wanted = Automation(scenario.automatic_failover, clients)
    if before != wanted:
        journal.remember_automation(lab.inventory.lab, before)
        automation.apply(lab, wanted)


def software() -> dict[str, str]:
    """Return the versions, by name, of what a result depends on."""
    return {
        "redlab": version("redundancy-lab"),
        "python": platform.python_version(),
        "docker_engine": engine.of().about().release,
        "kernel": platform.release(),
    }
