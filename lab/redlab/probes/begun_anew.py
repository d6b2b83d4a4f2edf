"""Databases that were begun anew after the lab was made: what was stored before is not in them."""

from __future__ import annotations

from datetime import UTC, datetime

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redundancy.roles import Role

FIRST_START_SECONDS = 120.0
"""A new database is begun within this time after its container was made, on a busy machine too."""
STANDING_UP_SECONDS = 900.0
"""No lab takes so long from its first container to its last one."""
_BEGUN = "SELECT system_identifier >> 32 FROM pg_control_system()"
"""PostgreSQL's identifier of a database begins with the second in which it was begun (xlog.c, BootStrapXLOG)."""


def databases(inventory: Inventory) -> dict[str, datetime]:
    """Return when each database that lost its volume was begun anew, by the server's name.

    Only of servers that have no copy: one with a standby or cluster is filled from there. Where the container was made
    anew with the volume, another one of the lab has to be older by `STANDING_UP_SECONDS`: when a volume was made is not
    known (the engine gives the last change of its folder). One that does not answer is left out.
    """
    if inventory.replicated or inventory.has_database_cluster:
        return {}
    begun = {node.name: at for node in inventory.of_role(Role.DATABASE) if (at := _begun_at(node)) is not None}
    if not begun:
        return {}
    made = {name: container.made_at for name, container in engine.containers(inventory).items()}
    return {
        name: datetime.fromtimestamp(at, UTC)
        for name, at in begun.items()
        if at - made.get(name, at) > FIRST_START_SECONDS or at - min(made.values(), default=at) > STANDING_UP_SECONDS
    }


def said(inventory: Inventory) -> dict[str, str]:
    """Say of each of them what is not in it and where there is more of it, by the server's name."""
    return {name: _said(inventory, inventory.node(name), begun) for name, begun in databases(inventory).items()}


def _said(inventory: Inventory, node: Node, begun: datetime) -> str:
    lost = f"begun anew, empty, at {begun:%Y-%m-%d %H:%M:%S} UTC: it holds nothing that was stored before"
    if not inventory.active_active:
        return f"{lost}, and there is no copy"
    other = next(site for site in inventory.data_centers if site != node.site)
    return (
        f"{lost}. The instance in {other} has the events, this one's metrics are lost; `redlab drift {inventory.lab} "
        f"--apply {other}:{node.site}` gives it the configuration"
    )


def _begun_at(node: Node) -> float | None:
    try:
        return float(engine.execute(node, ["psql", "-XAt", "-U", "postgres", "-c", _BEGUN]))
    except (RedlabError, ValueError):  # it does not run, or its image has no such program
        return None
