"""Collector: sends events to where the topology takes them in; the drills start their load in it."""

from __future__ import annotations

import pulumi

from redundancy.naming import ACCESS_NETWORK
from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.roles import COLLECTOR_PORT, USER_PORT
from redundancy.topology import Node


class Collector(NodeComponent):
    """One collector on the access network."""

    def __init__(self, name: str, lab: Lab, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        twin, collectors = lab.topology.twin_site(node), lab.topology.collectors
        entry = lab.plan.virtual_ips(twin.name).collectors if twin else lab.plan.entry.collectors
        scheme = lab.topology.encryption.scheme
        environment = {
            "REDLAB_COLLECTOR_URL": f"{scheme}://{entry}:{COLLECTOR_PORT}",
            "REDLAB_USER_URL": f"{scheme}://{lab.plan.entry.users}:{USER_PORT}",
            "REDLAB_EVENTS_PER_SECOND": f"{collectors.events_per_second:g}",
        }
        if node in lab.topology.untwinned:
            first, *others = (lab.plan.virtual_ips(site.name).collectors for site in lab.topology.sites)
            environment |= {
                "REDLAB_COLLECTOR_URL": f"{scheme}://{first}:{COLLECTOR_PORT}",
                "REDLAB_OTHER_COLLECTOR_URLS": ",".join(f"{scheme}://{other}:{COLLECTOR_PORT}" for other in others),
            }
        if twin:
            environment |= {
                "REDLAB_TWIN": node.name.removeprefix(f"{twin.name}-"),
                "REDLAB_TWIN_NUMBER": str(lab.plan.site_number(twin.name)),
                "REDLAB_INTERVAL_FACTOR": f"{collectors.interval_factor:g}",
            }
        settings = ContainerSettings(environment=environment)
        super().__init__("Collector", name, lab, ACCESS_NETWORK, node, settings, opts)
