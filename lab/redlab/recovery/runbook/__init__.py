"""The failover of each pattern as a document for the operator: each action, its command, its proof and its rollback.

Every command is one of the lab's own tools: the document can be followed without `redlab`, and tests follow it.
"""

from __future__ import annotations

from redlab.control import global_load_balancer
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.probes import http
from redlab.recovery.runbook import recovery, services, site, twins
from redlab.report.runbook import Runbook
from redundancy.roles import Role

__all__ = ["runbook", "target"]


def runbook(inventory: Inventory, to: str) -> Runbook:
    """Return the runbook for a failover to a site, or in a lab of one site to a data processing server.

    Raises RedlabError when there is no site or server of that name, or when a value is missing.
    """
    known = _targets(inventory)
    if to not in known:
        kind = "site" if inventory.global_load_balancer else "data processing server"
        raise RedlabError(f"no {kind} {to!r}; there are: {', '.join(known)}")
    if inventory.replicated:
        return recovery.runbook(inventory, to)
    if inventory.active_active:
        return twins.runbook(inventory, to)
    if inventory.global_load_balancer:
        return site.runbook(inventory, to)
    return services.runbook(inventory, to)


def target(inventory: Inventory) -> str:
    """Return the target that a failover would have now: the site, or the server, that does not serve."""
    known = _targets(inventory)
    if inventory.global_load_balancer:
        serving = global_load_balancer.active_site(inventory)
        return next((site for site in known if site != serving), known[-1])
    return next((name for name in known if not _active(inventory, name)), known[-1])


def _targets(inventory: Inventory) -> tuple[str, ...]:
    if inventory.global_load_balancer:
        return inventory.data_centers
    return tuple(node.name for node in inventory.of_role(Role.DATA_PROCESSING_SERVER))


def _active(inventory: Inventory, name: str) -> bool:
    try:
        return bool(
            http.get(inventory.node(name), Role.DATA_PROCESSING_SERVER.row.status_port, "/v1/status")["state"]
            == "active"
        )
    except RedlabError:  # the server is stopped, or does not answer
        return False
