"""State of the nodes, as the engine sees it; where its word is old, as their own health check sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from redlab import engine
from redlab.engine import Container
from redlab.engine.model import READY
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import certificates, disk, replication
from redundancy.roles import Role


@dataclass(frozen=True)
class NodeState:
    """A node and its state: healthy, starting, unhealthy, running (no health check), paused, stopped or missing."""

    name: str
    role: Role
    site: str
    state: str
    addresses: str
    restarts: int
    image: str

    @property
    def ready(self) -> bool:
        """Whether it is healthy (or running, where its image has no health check)."""
        return self.state in READY


def node_states(inventory: Inventory) -> list[NodeState]:
    """Return the state of every node that the inventory names, whether it exists or not.

    A node that has just started, or that the engine calls unhealthy, is healthy as soon as its health check, made here
    and now, says so: the engine looks once in an interval, and calls unhealthy whatever it wakes from a pause.
    """
    found = engine.containers(inventory)

    def state_of(node: Node) -> NodeState:
        container = found.get(node.name)
        return NodeState(
            node.name,
            node.role,
            node.site,
            _condition(node, container) if container else "missing",
            ", ".join(node.addresses.values()),
            container.restarts if container else 0,
            container.image_name if container else "",
        )

    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(state_of, inventory.nodes))


def all_ready(inventory: Inventory) -> bool:
    """Whether every node is ready."""
    return all(state.ready for state in node_states(inventory))


def unready(inventory: Inventory) -> str:
    """Name the nodes that are not ready, with their states, for a message."""
    states = [state for state in node_states(inventory) if not state.ready]
    unwell = any(state.role.row.sql for state in states)
    why = {**disk.full(inventory), **replication.empty(inventory)} if unwell else {}
    if unwell or (states and inventory.https):
        why |= certificates.expired(inventory)
    return ", ".join(
        f"{state.name} {state.state}{f' ({why[state.name]})' if state.name in why else ''}" for state in states
    )


def _condition(node: Node, container: Container) -> str:
    """Ask the node's own health check where it may be well by now; else the engine's word stands."""
    if container.condition not in ("starting", "unhealthy"):
        return container.condition
    kind, *command = container.health_check
    try:
        engine.execute(node, ["/bin/sh", "-c", *command] if kind == "CMD-SHELL" else command)
    except RedlabError:
        return container.condition
    return "healthy"
