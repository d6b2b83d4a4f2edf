"""What a stack exports about itself: one JSON document that the CLI and the drills read. Pure.

Shape: ``schemas/inventory.schema.json``. It holds no secret.
"""

from __future__ import annotations

from typing import Any

from redundancy.addressing import AddressPlan
from redundancy.naming import ACCESS_NETWORK, Names
from redundancy.topology import Node, Topology

SCHEMA_VERSION = 1


def inventory(topology: Topology, names: Names, plan: AddressPlan) -> dict[str, Any]:
    """Return the inventory of a lab."""
    balancers = [node for site in topology.sites for node in site.load_balancers.nodes]
    return {
        "schemaVersion": SCHEMA_VERSION,
        "lab": topology.name,
        "pattern": topology.pattern,
        "description": topology.description,
        "objectives": {
            "rtoSeconds": topology.objectives.rto_seconds,
            "rpoEvents": topology.objectives.rpo_events,
        },
        "labels": names.labels(),
        "networks": {
            key: {"name": names.network(key), "subnet": str(subnet.network)} for key, subnet in plan.subnets.items()
        },
        "nodes": [
            *(_node(node, site.name, names, plan) for site in topology.sites for node in site.nodes),
            *(_node(node, ACCESS_NETWORK, names, plan) for node in topology.collectors.nodes),
        ],
        "virtualIps": {"collectors": plan.collector_virtual_ip, "users": plan.user_virtual_ip},
        "urls": {
            kind: [f"http://127.0.0.1:{plan.published_port(node, kind)}" for node in balancers]
            for kind in ("users", "collectors")
        },
        "timers": _timers(topology),
        "automaticFailover": topology.controller.automatic_failover,
    }


def _node(node: Node, site: str, names: Names, plan: AddressPlan) -> dict[str, Any]:
    return {
        "name": node.name,
        "role": node.role,
        "site": site,
        "container": names.container(node.name),
        "addresses": plan.addresses(node),
        "memoryMebibytes": node.resources.memory_mebibytes,
    }


def _timers(topology: Topology) -> dict[str, float]:
    """Every timer that bounds a recovery, from the first site (all sites of a pattern have the same)."""
    site = topology.sites[0]
    return {
        "leaseSeconds": topology.controller.lease_seconds,
        "renewSeconds": topology.controller.renew_seconds,
        "serviceStartSeconds": site.data_processing_servers.service_start_seconds,
        "checkIntervalSeconds": site.load_balancers.check_interval_seconds,
        "checkFall": site.load_balancers.check_fall,
        "vrrpAdvertSeconds": site.load_balancers.vrrp_advert_seconds,
    }
