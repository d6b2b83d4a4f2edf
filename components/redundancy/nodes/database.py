"""Database server: PostgreSQL with the four logical databases management, profile, event and rtsm."""

from __future__ import annotations

import pulumi

from redundancy.nodes.container import Role
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import Node, Site

MAX_CONNECTIONS = 100


def dsn(site: Site) -> str:
    """Return libpq's connection string for the site's database, without a password."""
    hosts = ",".join(node.name for node in site.database.nodes)
    return f"host={hosts} port=5432 user=redlab target_session_attrs=read-write"


class Database(NodeComponent):
    """One PostgreSQL server."""

    def __init__(self, name: str, lab: Lab, site: Site, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        role = Role(
            environment={
                "REDLAB_MAX_CONNECTIONS": str(MAX_CONNECTIONS),
                # A quarter of the memory, PostgreSQL's own rule of thumb (its documentation, Resource Consumption).
                "REDLAB_SHARED_BUFFERS_MEBIBYTES": str(node.resources.memory_mebibytes // 4),
            },
            secrets=("database-password",),
            volume="/var/lib/postgresql/data",
        )
        super().__init__("Database", name, lab, site.name, node, role, opts)
