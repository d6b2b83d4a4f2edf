"""What a lab's containers and its journal say of its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redlab.control.lab import Laboratory
from redlab.faults import journal
from redlab.probes.node_state import all_ready, node_states
from redlab.waiting import until
from tests.support import docker_engine
from tests.support.stacks.commands import pulumi


def well(lab: Laboratory) -> Callable[[], bool]:
    """The condition that every node is ready and no fault is on record."""
    return lambda: all_ready(lab.inventory) and not journal.entries(lab.inventory.lab)


def connections(lab: Laboratory, node: str) -> dict[str, Any]:
    """What the engine shows of a node's connections by network, apart from the identity of each and of its container.

    A restart changes the former, an upgrade both, and the addresses of a node that does not run are empty.
    """
    container = docker_engine.container(lab.inventory.node(node))

    def shown(key: str, value: Any) -> Any:
        return [alias for alias in value or () if alias != container.short_id] if key == "Aliases" else value

    return {
        name: {key: shown(key, value) for key, value in endpoint.items() if key != "EndpointID"}
        for name, endpoint in container.attrs["NetworkSettings"]["Networks"].items()
    }


def unchanged(lab: Laboratory) -> None:
    pulumi("preview", "--refresh", "--expect-no-changes", "--stack", lab.inventory.lab)


def answers(lab: Laboratory) -> bool:
    """Whether the lab is well, within the time that a busy machine may take for its health checks."""

    def active() -> bool:
        healthy = {state.state for state in node_states(lab.inventory)} == {"healthy"}
        return healthy and lab.management.health().services.state == "active"

    return bool(until(active, 60, interval_seconds=0.5))
