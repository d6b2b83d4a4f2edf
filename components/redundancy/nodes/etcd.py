"""etcd: a member of the configuration store of the database cluster."""

from __future__ import annotations

import pulumi

from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import Node, Site, Witness

CLIENT_PORT = 2379
PEER_PORT = 2380


def members(lab: Lab) -> dict[str, str]:
    """Return the address of every member by its name."""
    return {node.name: lab.plan.addresses(node)[lab.plan.site_of(node)] for node in lab.topology.etcd_nodes}


class Etcd(NodeComponent):
    """One member, in a site or at the witness."""

    def __init__(
        self, name: str, lab: Lab, site: Site | Witness, node: Node, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        peers = members(lab)
        settings = ContainerSettings(
            environment={
                "REDLAB_ADDRESS": peers[node.name],
                "REDLAB_ETCD_CLUSTER": ",".join(f"{peer}=https://{at}:{PEER_PORT}" for peer, at in peers.items()),
            },
            certificate=("store-member", (peers[node.name], "127.0.0.1")),
            volume="/var/lib/etcd",
        )
        super().__init__("Etcd", name, lab, site.name, node, settings, opts)
