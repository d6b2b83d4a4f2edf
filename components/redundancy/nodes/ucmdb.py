"""UCMDB: the topology system of record of two instances, and what moves topology between it and their RTSMs."""

from __future__ import annotations

import json

import pulumi

from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.database import authority, by_tls
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import Node, Ucmdb


class UcmdbServer(NodeComponent):
    """One UCMDB of the third place ``ucmdb``; it runs the integrations that are its own."""

    def __init__(
        self, name: str, lab: Lab, ucmdb: Ucmdb, node: Node, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        scheme = lab.topology.encryption.scheme
        stores = {server.name: f"{scheme}://{server.name}:{server.role.row.status_port}" for server in ucmdb.nodes}
        for site in lab.topology.sites:
            (server,) = site.database.nodes
            at, user = site.database.port, site.database.user
            stores[site.name] = f"host={server.name} port={at} user={user} dbname=rtsm{by_tls(lab.topology)}"
        settings = ContainerSettings(
            environment={
                "REDLAB_STORES": json.dumps(stores),
                "REDLAB_TOPOLOGY_MASTER": ucmdb.nodes[0].name,
                "REDLAB_INTEGRATIONS": json.dumps(
                    [
                        {
                            "source": one.source,
                            "target": one.target,
                            "type": one.kind,
                            "itemTypes": one.item_types,
                            "intervalSeconds": one.interval_seconds,
                        }
                        for one in ucmdb.integrations
                    ]
                ),
            },
            secrets=("admin-token", "database-password", *authority(lab.topology)),
            volume="/var/lib/ucmdb",
        )
        super().__init__("UcmdbServer", name, lab, ucmdb.name, node, settings, opts)
