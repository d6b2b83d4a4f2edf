"""State of the nodes, as the engine sees it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from redlab import engine
from redlab.inventory import Inventory


@dataclass(frozen=True)
class NodeState:
    """A node and its state: healthy, starting, unhealthy, running (no health check), paused, stopped or missing."""

    name: str
    role: str
    site: str
    state: str
    addresses: str
    restarts: int
    image: str

    def as_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)


def node_states(inventory: Inventory) -> list[NodeState]:
    """Return the state of every node that the inventory names, whether it exists or not."""
    found = engine.containers(inventory)
    states = []
    for node in inventory.nodes:
        container = found.get(node.name)
        attributes = container.attrs if container else {}
        states.append(
            NodeState(
                node.name,
                node.role,
                node.site,
                _state(attributes),
                ", ".join(node.addresses.values()),
                attributes.get("RestartCount", 0),
                attributes.get("Config", {}).get("Image", ""),
            )
        )
    return states


def all_ready(inventory: Inventory) -> bool:
    """Whether every node is healthy (or running, where its image has no health check)."""
    return all(state.state in ("healthy", "running") for state in node_states(inventory))


def _state(attributes: dict[str, Any]) -> str:
    if not attributes:
        return "missing"
    state = attributes["State"]
    if state["Paused"]:
        return "paused"
    if not state["Running"]:
        return "stopped"
    health: str = state.get("Health", {}).get("Status", "running")
    return health
