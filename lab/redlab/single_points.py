"""Nodes whose loss nothing in the topology takes over. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from redlab.inventory import Inventory, Node

_POOLS = ("gateway", "dataProcessingServer", "loadBalancer", "database")


def single_points(inventory: Inventory) -> tuple[str, ...]:
    """Return the nodes whose loss nothing in the topology takes over: the users wait until they are back.

    A pool with one node counts where it is the only one of its kind; with two instances the other one takes over.
    """
    found: list[str] = []
    if not inventory.two_instances:
        for role in _POOLS:
            found += _alone(inventory.of_role(role))
    return (*found, *_alone(inventory.of_role("globalLoadBalancer")))


def _alone(nodes: Sequence[Node]) -> list[str]:
    return [node.name for node in nodes] if len(nodes) == 1 else []
