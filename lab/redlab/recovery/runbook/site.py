"""The runbook of Distributed HA: clients, database and services go to the other site (best practices, chapter 2). Pure.

The steps are those of :mod:`redlab.recovery.procedure`, in that order. They hold for a lost site and for a planned
move.
"""

from __future__ import annotations

from redlab.model.inventory import Inventory, Node
from redlab.recovery.runbook.commands import assign_services, containers, inside, send_clients, wait_for
from redlab.report.runbook import Instruction, Runbook
from redundancy.roles import Role

DATABASE_SECONDS = 90
"""Longer than Patroni's lease: the cluster itself replaces a lost primary when the lease ends."""


def runbook(inventory: Inventory, to: str) -> Runbook:
    """Return the runbook for a failover to the site ``to``."""
    (former,) = (name for name in inventory.data_centers if name != to)
    (server,), (member,) = (inventory.of_site(to, role) for role in (Role.DATA_PROCESSING_SERVER, Role.DATABASE))
    balancer = inventory.of_role(Role.GLOBAL_LOAD_BALANCER)[0]
    is_up = f'{inside(balancer, "active-site", "show")} | grep -q \'"{to}": {{"up": true}}\''
    return Runbook(
        inventory.lab,
        former,
        to,
        (),
        (
            Instruction(
                "site",
                "operator",
                f"Make sure that {to} can take over.",
                containers(inventory, to),
                wait_for(is_up),
                f"every container is healthy; the global load balancer finds {to} up",
                "nothing was changed",
            ),
            send_clients(balancer, to, "collectors and users", f"`active-site set {former}`, once {former} is well"),
            _database(member, former),
            assign_services(
                inventory,
                server,
                inventory.management_urls(to)[0],
                f"assign them to the server in {former}, once it is well",
            ),
        ),
    )


def _database(member: Node, former: str) -> Instruction:
    primary = inside(member, "psql", "-X", "-A", "-t", "-U", "postgres", "-c", "SELECT pg_is_in_recovery()")
    switch = inside(member, "patronictl", "switchover", "--candidate", member.name, "--force")
    return Instruction(
        "database",
        "database administrator",
        f"Make {member.name} the primary: by a switchover, or, where the former primary is lost, by waiting for the "
        "end of its lease.",
        inside(member, "patronictl", "list"),
        f"{switch}; {wait_for(f'{primary} | grep -qx f', DATABASE_SECONDS)}",
        f"`patronictl list` names {member.name} as the leader; an error of the first command says that there is no "
        "primary to hand over, or that it is there already",
        f"`patronictl switchover --candidate` the member in {former}, once it streams",
    )
