"""The runbook of Business Continuity: one change at the wide-area load balancer (best practices, chapter 4). Pure."""

from __future__ import annotations

import shlex

from redlab.model.inventory import Inventory
from redlab.recovery.runbook.commands import containers, inside, send_clients, wait_for
from redlab.report.runbook import Instruction, Runbook
from redundancy.roles import Role

_CONFIGURATION = "SELECT kind, name, content FROM configuration ORDER BY kind, name"


def runbook(inventory: Inventory, to: str) -> Runbook:
    """Return the runbook for a failover of the users to the site ``to``."""
    (former,) = (name for name in inventory.data_centers if name != to)
    balancer = inventory.of_role(Role.GLOBAL_LOAD_BALANCER)[0]
    is_up = f'{inside(balancer, "active-site", "show")} | grep -q \'"{to}": {{"up": true}}\''
    shown = [inside(inventory.of_site(site, Role.DATABASE)[0], *_psql(_CONFIGURATION)) for site in (former, to)]
    alike = f"diff <({shown[0]}) <({shown[1]}) && echo alike"
    return Runbook(
        inventory.lab,
        former,
        to,
        (),
        (
            Instruction(
                "instance",
                "operator",
                f"Make sure that the instance in {to} serves.",
                containers(inventory, to),
                wait_for(is_up),
                f"every container is healthy; the load balancer finds {to} up",
                "nothing was changed",
            ),
            Instruction(
                "drift",
                "operator",
                "See that both instances are configured alike; where the other one is lost, go on.",
                shown[1],
                f"bash -c {shlex.quote(alike)}",
                f"alike; `redlab drift {inventory.lab}` also compares topology, and makes them alike",
                "nothing was changed",
            ),
            send_clients(
                balancer,
                to,
                "users",
                f"`active-site set {former}`; users who work in {to} by then are disconnected, and lose unsaved work",
            ),
        ),
    )


def _psql(text: str) -> list[str]:
    return ["psql", "-X", "-q", "-A", "-t", "-U", "postgres", "-d", "management", "-c", text]
