"""Member of the database cluster: PostgreSQL under Patroni, with the four logical databases."""

from __future__ import annotations

import pulumi

from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.database import MAX_CONNECTIONS, authority, kept_log, served_at, shared_buffers_mebibytes
from redundancy.nodes.etcd import CLIENT_PORT, members
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import Node, Site


class DatabaseMember(NodeComponent):
    """One PostgreSQL server of a cluster."""

    def __init__(self, name: str, lab: Lab, site: Site, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        timers, several = lab.topology.database_cluster, len(lab.topology.instance(site)) > 1
        peers = {peer: own.name for own in lab.topology.instance(site) for peer in own.database.nodes if peer != node}
        settings = ContainerSettings(
            environment={
                # It begins where the clients and the services do, whichever member starts first.
                **({"REDLAB_STANDBY_SITE": lab.begins_elsewhere(site.name)} if several else {}),
                **kept_log(timers.kept_log_mebibytes),
                "REDLAB_ADDRESS": lab.plan.addresses(node)[site.name],
                "REDLAB_CLUSTER": lab.topology.name,
                "REDLAB_DATABASE_PEERS": ",".join(lab.plan.addresses(peer)[place] for peer, place in peers.items()),
                "REDLAB_ETCD": ",".join(f"{address}:{CLIENT_PORT}" for address in members(lab).values()),
                "REDLAB_LEASE_SECONDS": str(timers.lease_seconds),
                "REDLAB_LOOP_WAIT_SECONDS": str(timers.loop_wait_seconds),
                "REDLAB_MAX_CONNECTIONS": str(MAX_CONNECTIONS),
                "REDLAB_PRIMARY_START_TIMEOUT_SECONDS": str(timers.primary_start_timeout_seconds),
                "REDLAB_RETRY_TIMEOUT_SECONDS": str(timers.retry_timeout_seconds),
                "REDLAB_SHARED_BUFFERS_MEBIBYTES": shared_buffers_mebibytes(node),
            },
            secrets=(
                *("database-password", "replication-password", "rewind-password", "patroni-password"),
                *authority(lab.topology),
            ),
            served_at=served_at(lab, node),
            certificate=("database-member", ()),
            volume="/var/lib/postgresql/data",
        )
        super().__init__("DatabaseMember", name, lab, site.name, node, settings, opts)
