"""Data processing server (DPS): takes events from the gateways and writes them, while it holds the lease."""

from __future__ import annotations

import json

import pulumi

from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.database import authority, dsn
from redundancy.nodes.gateway import endpoints, gateways
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.parameters import CONFIGURATION_FILE, parameters
from redundancy.topology import Node, Site


class DataProcessingServer(NodeComponent):
    """One data processing server."""

    def __init__(self, name: str, lab: Lab, site: Site, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        controller = lab.topology.controller
        settings = ContainerSettings(
            environment={
                "REDLAB_AUTOMATIC_FAILOVER": str(controller.automatic_failover).lower(),
                "REDLAB_DATABASE_DSN": dsn(lab.topology, site),
                "REDLAB_GATEWAYS": gateways(lab.topology, site),
                "REDLAB_LEASE_SECONDS": f"{controller.lease_seconds:g}",
                "REDLAB_RENEW_SECONDS": f"{controller.renew_seconds:g}",
                "REDLAB_RETENTION_SECONDS": str(lab.topology.retention_seconds),
                "REDLAB_SERVICE_START_SECONDS": f"{site.data_processing_servers.service_start_seconds:g}",
                # The services begin in the active site, whichever server starts first; of twins each has its own.
                "REDLAB_STANDBY_SITE": "false"
                if lab.topology.traits.active_active
                else lab.begins_elsewhere(site.name),
                **_exchange(lab, site),
            },
            files={CONFIGURATION_FILE: _parameters(lab, site)} if lab.topology.traits.replicated else {},
            secrets=(
                "database-password",
                *authority(lab.topology),
                *(["admin-token"] if lab.topology.traits.active_active else []),
            ),
        )
        super().__init__("DataProcessingServer", name, lab, site.name, node, settings, opts)


def _exchange(lab: Lab, site: Site) -> dict[str, str]:
    """With whom the events of twin instances are exchanged, and who acts upon them."""
    exchange, desk = lab.topology.event_exchange, lab.topology.service_desk
    if exchange is None or desk is None:
        return {}
    peers = [node for twin in lab.topology.sites if twin != site for node in twin.data_processing_servers.nodes]
    return {
        "REDLAB_INSTANCE": site.name,
        "REDLAB_EXCHANGE_PEERS": endpoints(lab.topology, peers),
        "REDLAB_TAKEOVER_SECONDS": f"{exchange.takeover_seconds:g}",
        "REDLAB_SERVICE_MANAGER": lab.plan.integration_url(desk.service_manager),
        "REDLAB_OPERATIONS_ORCHESTRATION": lab.plan.integration_url(desk.operations_orchestration),
    }


def _parameters(lab: Lab, site: Site) -> str:
    return json.dumps(parameters(lab.names, lab.plan, site), sort_keys=True)
