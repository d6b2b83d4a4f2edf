"""Gateway server (GW): takes what collectors send, serves users, queues on a volume of its own."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi

from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.database import authority, dsn
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import Node, Site, Topology


def endpoints(topology: Topology, nodes: Iterable[Node]) -> str:
    """Return where nodes tell their state as the contract's list: ``gw1=http://gw1:8082,…``."""
    scheme = topology.encryption.scheme
    return ",".join(f"{node.name}={scheme}://{node.name}:{node.role.row.status_port}" for node in nodes)


def gateways(topology: Topology, site: Site) -> str:
    """Return the gateways of a site's instance as :func:`endpoints` does.

    Where one instance takes the place of another the latter's are among them: what was left in their queues when it
    was lost is taken out in the end.
    """
    sites = topology.instance(site) if topology.traits.active_active else topology.sites
    return endpoints(topology, (node for own in sites for node in own.gateways.nodes))


class Gateway(NodeComponent):
    """One gateway server."""

    def __init__(self, name: str, lab: Lab, site: Site, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        servers = [node for own in lab.topology.instance(site) for node in own.data_processing_servers.nodes]
        settings = ContainerSettings(
            environment={
                "REDLAB_DATABASE_DSN": dsn(lab.topology, site),
                "REDLAB_DPS": endpoints(lab.topology, servers),
                "REDLAB_GATEWAYS": gateways(lab.topology, site),
                "REDLAB_QUEUE_LIMIT_EVENTS": str(site.gateways.queue_limit_events),
                "REDLAB_QUEUE_LIMIT_MEBIBYTES": str(site.gateways.queue_limit_mebibytes),
                **({"REDLAB_MAY_STAND_BY": "true"} if lab.topology.traits.replicated else {}),
            },
            secrets=("admin-token", "database-password", *authority(lab.topology)),
            volume="/var/lib/gateway",
        )
        super().__init__("Gateway", name, lab, site.name, node, settings, opts)
