"""The runbook of High Availability: the services move to the other server (best practices, chapter 1). Pure."""

from __future__ import annotations

from redlab.model.inventory import Inventory
from redlab.recovery.runbook.commands import assign_services, get, has_services, status, wait_for
from redlab.report.runbook import Instruction, Runbook
from redundancy.roles import Role


def runbook(inventory: Inventory, to: str) -> Runbook:
    """Return the runbook for a failover to the data processing server ``to``."""
    server = inventory.node(to)
    others = [node for node in inventory.of_role(Role.DATA_PROCESSING_SERVER) if node != server]
    lost, url = others[0].name if others else "the other server", inventory.urls["management"][0]
    health = f"docker inspect --format '{{{{.State.Health.Status}}}}' {server.container} | grep -qx healthy"
    return Runbook(
        inventory.lab,
        lost,
        to,
        (),
        (
            Instruction(
                "server",
                "operator",
                f"Make sure that {to} can take the services.",
                status(server),
                wait_for(health),
                "it is healthy",
                "nothing was changed",
            ),
            assign_services(inventory, server, url, f"the same with {lost}, once it is well"),
            Instruction(
                "users",
                "operator",
                "See that users are served, and that the gateways' queues drain.",
                get(f"{inventory.urls['users'][0]}/api/v1/recent"),
                wait_for(has_services(url, server)),
                "the pages show new events; pending_events in the health goes down to what comes in",
                "none is needed",
            ),
        ),
    )
