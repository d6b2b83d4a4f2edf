"""Service desk: what twin instances share to act upon their events: Service Manager, Operations Orchestration."""

from __future__ import annotations

import pulumi

from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.database import MAX_CONNECTIONS, authority, by_tls, served_at, shared_buffers_mebibytes
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import DATABASE_PORT, DATABASE_USER, ServiceDesk, Ucmdb

_SERVICE_MANAGER_DATABASE = "service_manager"
_ORCHESTRATION_DATABASE = "operations_orchestration"


def service_desk(name: str, lab: Lab, desk: ServiceDesk, ucmdb: Ucmdb, opts: pulumi.ResourceOptions) -> None:
    """Create its nodes, in the place of the UCMDB; their logical names begin with ``name``."""
    kinds = (
        ("ServiceDatabase", desk.database, _database(lab, desk)),
        ("ServiceManager", desk.service_manager, _acting(lab, desk, ucmdb, _SERVICE_MANAGER_DATABASE)),
        ("OperationsOrchestration", desk.operations_orchestration, _acting(lab, desk, ucmdb, _ORCHESTRATION_DATABASE)),
    )
    for token, node, settings in kinds:
        NodeComponent(token, f"{name}-{node.name}", lab, ucmdb.name, node, settings, opts)


def _database(lab: Lab, desk: ServiceDesk) -> ContainerSettings:
    return ContainerSettings(
        environment={
            "REDLAB_LOGICAL_DATABASES": f"{_SERVICE_MANAGER_DATABASE} {_ORCHESTRATION_DATABASE}",
            "REDLAB_MAX_CONNECTIONS": str(MAX_CONNECTIONS),
            "REDLAB_SHARED_BUFFERS_MEBIBYTES": shared_buffers_mebibytes(desk.database),
        },
        secrets=("database-password",),
        served_at=served_at(lab, desk.database),
        volume="/var/lib/postgresql/data",
    )


def _acting(lab: Lab, desk: ServiceDesk, ucmdb: Ucmdb, database: str) -> ContainerSettings:
    place = f"host={desk.database.name} port={DATABASE_PORT} user={DATABASE_USER}"
    environment = {
        "REDLAB_DATABASE": database,
        "REDLAB_RETENTION_SECONDS": str(lab.topology.retention_seconds),
        "REDLAB_DATABASE_DSN": place + by_tls(lab.topology),
    }
    if database == _SERVICE_MANAGER_DATABASE:
        environment["REDLAB_UCMDB"] = lab.plan.integration_url(ucmdb.nodes[0])
    return ContainerSettings(
        environment=environment, secrets=("admin-token", "database-password", *authority(lab.topology))
    )
