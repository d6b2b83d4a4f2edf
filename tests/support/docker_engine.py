"""The SDK's containers of a lab, for tests that look at the product from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redlab.engine.connection import client

if TYPE_CHECKING:
    from docker.models.containers import Container

    from redlab.model.inventory import Inventory, Node

__all__ = ["client", "container", "containers"]


def container(node: Node) -> Container:
    """The container of a node."""
    return client().containers.get(node.container)


def containers(inventory: Inventory) -> dict[str, Container]:
    """The containers of a lab that exist, by the node's name."""
    labels: list[str] = [f"{key}={value}" for key, value in inventory.labels.items()]
    found = client().containers.list(all=True, ignore_removed=True, filters={"label": labels})
    by_name = {one.name: one for one in found}
    return {node.name: by_name[node.container] for node in inventory.nodes if node.container in by_name}
