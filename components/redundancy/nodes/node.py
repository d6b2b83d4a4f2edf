"""The component that all roles share: one node, its container and its volume."""

from __future__ import annotations

import pulumi

from redundancy.nodes import container
from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.lab import Lab
from redundancy.topology import Node


class NodeComponent(pulumi.ComponentResource):
    """One node of a lab. ``container_id`` is the engine's id of its container."""

    container_id: pulumi.Output[str]

    def __init__(
        self,
        token: str,
        name: str,
        lab: Lab,
        site: str,
        node: Node,
        settings: ContainerSettings,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__(f"redundancy:index:{token}", name, None, opts)
        self.container, self.volume = container.create(self, name, lab, site, node, settings)
        self.container_id = self.container.id
        self.register_outputs({"container_id": self.container_id})
