"""Data processing server (DPS): takes events from the gateways and writes them, while it holds the lease."""

from __future__ import annotations

import json

import pulumi

from redundancy.nodes.container import Role
from redundancy.nodes.database import dsn
from redundancy.nodes.gateway import gateways
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.parameters import CONFIGURATION_FILE, parameters
from redundancy.topology import Node, Site


class DataProcessingServer(NodeComponent):
    """One data processing server."""

    def __init__(self, name: str, lab: Lab, site: Site, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        controller = lab.topology.controller
        role = Role(
            environment={
                "REDLAB_AUTOMATIC_FAILOVER": str(controller.automatic_failover).lower(),
                "REDLAB_DATABASE_DSN": dsn(lab.topology, site),
                "REDLAB_GATEWAYS": gateways(lab.topology),
                "REDLAB_LEASE_SECONDS": f"{controller.lease_seconds:g}",
                "REDLAB_RENEW_SECONDS": f"{controller.renew_seconds:g}",
                "REDLAB_SERVICE_START_SECONDS": f"{site.data_processing_servers.service_start_seconds:g}",
                # The services begin in the first site, whichever server starts first.
                "REDLAB_STANDBY_SITE": str(site != lab.topology.sites[0]).lower(),
            },
            files={CONFIGURATION_FILE: _parameters(lab, site)} if lab.topology.replication else {},
            secrets=("database-password",),
        )
        super().__init__("DataProcessingServer", name, lab, site.name, node, role, opts)


def _parameters(lab: Lab, site: Site) -> str:
    return json.dumps(parameters(lab.names, lab.plan, site), sort_keys=True)
