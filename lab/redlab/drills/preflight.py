"""What has to be so before a drill breaks anything, and what is written down of where it ran."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version

from redlab import automation, engine
from redlab.automation import Automation
from redlab.drills.matrix import lacking
from redlab.drills.scenario import Scenario
from redlab.errors import RedlabError
from redlab.faults import journal
from redlab.inventory import Inventory
from redlab.laboratory import Laboratory
from redlab.management import Services
from redlab.probes import gateway_queue
from redlab.probes.node_state import all_ready, unready
from redlab.waiting import until

PREFLIGHT_SECONDS = 30
"""How long each condition is waited for."""


def check(inventory: Inventory, scenario: Scenario, services: Callable[[], Services]) -> None:
    """Wait until nodes and ``services`` are well and queues are short.

    Raises RedlabError, which says what is not so, or which nodes the scenario lacks.
    """
    if lacks := lacking(inventory, scenario):
        raise RedlabError(lacks)
    if not until(lambda: all_ready(inventory), PREFLIGHT_SECONDS, 0.25):
        raise RedlabError(f"pre-flight: not every node is ready: {unready(inventory)}")
    if not until(lambda: services().state == "active", PREFLIGHT_SECONDS, 0.1):
        raise RedlabError(f"pre-flight: the services are not active: {services()}")
    if not until(lambda: gateway_queue.pending_events(inventory) < 1000, PREFLIGHT_SECONDS, 0.5):
        raise RedlabError("pre-flight: the gateways' queues do not drain")


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
        "docker_engine": engine.client().version()["Version"],
        "kernel": platform.release(),
    }
