"""Database server: PostgreSQL with the four logical databases management, profile, event and rtsm."""

from __future__ import annotations

import pulumi

from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.lab import DATABASE_AUTHORITY, SECRETS_DIRECTORY, Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import DATABASE_PORT, DATABASE_USER, KEPT_LOG_MEBIBYTES, Node, Site, Topology

MAX_CONNECTIONS = 100


def dsn(topology: Topology, site: Site) -> str:
    """Return libpq's connection string for the logical database of a site's instance, without a password."""
    hosts = ",".join(node.name for own in topology.instance(site) for node in own.database.nodes)
    place = f"host={hosts} port={site.database.port} user={site.database.user}"
    return f"{place} target_session_attrs=read-write{by_tls(topology)}"


def by_tls(topology: Topology) -> str:
    """Return the part of libpq's connection string that demands TLS and checks the name; '' where it is in clear."""
    if not topology.encryption.databases:
        return ""
    return f" sslmode=verify-full sslrootcert={SECRETS_DIRECTORY}/{DATABASE_AUTHORITY}"


def authority(topology: Topology) -> tuple[str, ...]:
    """Return the secret file of those who log in by TLS; none where nobody does."""
    return (DATABASE_AUTHORITY,) if topology.encryption.databases else ()


def served_at(lab: Lab, node: Node) -> tuple[str, ...]:
    """Return the names and addresses that a server's certificate is for; none where it speaks no TLS."""
    if not lab.topology.encryption.databases:
        return ()
    return (node.name, *lab.plan.addresses(node).values(), "localhost", "127.0.0.1")


def shared_buffers_mebibytes(node: Node) -> str:
    """A quarter of the memory, PostgreSQL's own rule of thumb (its documentation, Resource Consumption)."""
    return str(node.resources.memory_mebibytes // 4)


def kept_log(mebibytes: int) -> dict[str, str]:
    """How much of its log a server keeps for a standby that is away, where that is not its image's own measure."""
    return {"REDLAB_KEPT_LOG_MEBIBYTES": str(mebibytes)} if mebibytes != KEPT_LOG_MEBIBYTES else {}


def _behind_a_copy(topology: Topology, site: Site) -> dict[str, str]:
    milliseconds = topology.queue_milliseconds(site.name)
    return {"REDLAB_QUEUE_MILLISECONDS": str(milliseconds)} if milliseconds else {}


def _replicated(lab: Lab, site: Site) -> dict[str, pulumi.Input[str]]:
    """What the servers of two instances know of each other; that of the active site is production in a new lab."""
    topology = lab.topology
    if topology.replication is None:
        return {}
    (other,) = (other for other in topology.sites if other != site)
    (peer,) = other.database.nodes
    return {
        "REDLAB_DATABASE_PEERS": lab.plan.addresses(peer)[other.name],
        "REDLAB_REPLICATION_PEER": peer.name,
        **({"REDLAB_REPLICATION_PEER_PORT": str(other.database.port)} if other.database.port != DATABASE_PORT else {}),
        "REDLAB_STANDBY_SITE": lab.begins_elsewhere(site.name),
        "REDLAB_SYNCHRONOUS_REPLICATION": str(topology.replication.synchronous).lower(),
        **({"REDLAB_LOGICAL_REPLICATION": "true"} if topology.ucmdb else {}),
        **kept_log(topology.replication.kept_log_mebibytes),
        **_behind_a_copy(topology, site),
    }


def _place(topology: Topology, site: Site) -> dict[str, pulumi.Input[str]]:
    """Where it listens, and who logs in: here, and in the other instance, whose server follows this one."""
    own, sites = site.database, topology.sites if topology.traits.replicated else (site,)
    users = sorted({each.database.user for each in sites} - {DATABASE_USER})
    return {
        **({"PGPORT": str(own.port)} if own.port != DATABASE_PORT else {}),
        **({"REDLAB_DATABASE_USERS": " ".join(users), "REDLAB_DATABASE_USER": own.user} if users else {}),
    }


class Database(NodeComponent):
    """One PostgreSQL server."""

    def __init__(self, name: str, lab: Lab, site: Site, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        settings = ContainerSettings(
            environment={
                "REDLAB_MAX_CONNECTIONS": str(MAX_CONNECTIONS),
                "REDLAB_SHARED_BUFFERS_MEBIBYTES": shared_buffers_mebibytes(node),
                **_place(lab.topology, site),
                **_replicated(lab, site),
            },
            secrets=(
                "database-password",
                *(("replication-password", *authority(lab.topology)) if lab.topology.traits.replicated else ()),
            ),
            served_at=served_at(lab, node),
            volume="/var/lib/postgresql/data",
        )
        super().__init__("Database", name, lab, site.name, node, settings, opts)
