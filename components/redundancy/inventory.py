"""What a stack exports about itself: one JSON document that the CLI and the drills read. Pure.

Shape: ``schemas/inventory.schema.json``. It holds no secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redundancy.addressing import AddressPlan, EntryPoint
from redundancy.naming import ACCESS_NETWORK, Names
from redundancy.parameters import parameters
from redundancy.roles import USER_INTERFACES
from redundancy.topology import Link, Node, Topology

SCHEMA_VERSION = 4


def inventory(topology: Topology, names: Names, plan: AddressPlan) -> dict[str, Any]:
    """Return the inventory of a lab."""
    load_balancers = [node for site in topology.sites for node in site.load_balancers.nodes]
    balancer = topology.global_load_balancer
    fronts = {
        "users": [*([balancer.node] if balancer else []), *load_balancers],
        # Twin instances have collectors of their own, which no load balancer spreads over the sites.
        "collectors": [*([balancer.node] if balancer and not topology.traits.active_active else []), *load_balancers],
    }
    return {
        "schemaVersion": SCHEMA_VERSION,
        "lab": topology.name,
        "pattern": str(topology.pattern),
        "description": topology.description,
        "objectives": {
            "rtoSeconds": topology.objectives.rto_seconds,
            "rpoEvents": topology.objectives.rpo_events,
        },
        "labels": names.labels(),
        "networks": {
            key: {"name": names.network(key), "subnet": str(subnet.network)} for key, subnet in plan.subnets.items()
        },
        "sites": [
            *(
                {"name": site.name, "witness": False, "virtualIps": _entry(plan.virtual_ips(site.name))}
                for site in topology.sites
            ),
            *([{"name": third.name, "witness": True}] if (third := topology.third_place) else []),
        ],
        "links": [_link(link) for link in topology.links],
        "nodes": [_node(node, topology, names, plan) for node in topology.nodes],
        # Twin collectors go to their own site alone: nothing takes them in before the sites.
        "virtualIps": {"users": plan.entry.users} if topology.traits.active_active else _entry(plan.entry),
        "interfaces": [_interface(kind, addresses) for kind, addresses in plan.interfaces.items()],
        "globalLoadBalancer": {
            "node": balancer.node.name,
            "activeSite": balancer.active_site,
            "automatic": balancer.automatic,
            "nearest": [{"network": network, "site": site} for network, site in plan.nearest],
        }
        if balancer
        else None,
        "replication": {
            "synchronous": topology.replication.synchronous,
            "parameters": {site.name: parameters(names, plan, site) for site in topology.sites},
        }
        if topology.replication
        else None,
        "eventExchange": {
            "takeoverSeconds": topology.event_exchange.takeover_seconds,
            "intervalFactor": topology.collectors.interval_factor,
            "eventsPerSecond": topology.collectors.events_per_second,
            "collectors": {
                site.name: [node.name for node in topology.collectors.nodes if topology.twin_site(node) == site]
                for site in topology.sites
            },
            "untwinned": [node.name for node in topology.untwinned],
        }
        if topology.event_exchange
        else None,
        "urls": {
            kind: [f"http://127.0.0.1:{plan.published_port(node, kind)}" for node in nodes]
            for kind, nodes in fronts.items()
        }
        | {
            kind: [f"http://127.0.0.1:{plan.published_port(balancer.node, kind)}"]
            for kind in plan.interfaces
            if balancer and kind not in fronts
        }
        | {
            kind: [f"https://127.0.0.1:{plan.published_port(node, kind)}" for node in load_balancers]
            for kind in ("usersTls",)
            if topology.user_interface.tls
        }
        | {"management": [f"http://127.0.0.1:{plan.published_port(node, 'users')}" for node in load_balancers]},
        "timers": _timers(topology),
        "automaticFailover": topology.controller.automatic_failover,
    }


def _entry(entry: EntryPoint) -> dict[str, str]:
    return {"collectors": entry.collectors, "users": entry.users}


def _interface(kind: str, addresses: Mapping[str, str]) -> dict[str, Any]:
    integrations = [address for network, address in addresses.items() if network != ACCESS_NETWORK]
    found = {"name": kind, "port": USER_INTERFACES[kind], "address": addresses[ACCESS_NETWORK]}
    return found | ({"integrations": integrations[0]} if integrations else {})


def _link(link: Link) -> dict[str, Any]:
    return {
        "name": link.name,
        "sites": list(link.sites),
        "distanceKilometers": link.distance_kilometers,
        "roundTripMilliseconds": link.round_trip_milliseconds,
        "jitterMilliseconds": link.jitter_milliseconds,
        "lossPercent": link.loss_percent,
        "bandwidthMegabitsPerSecond": link.bandwidth_megabits_per_second,
    }


def _node(node: Node, topology: Topology, names: Names, plan: AddressPlan) -> dict[str, Any]:
    return {
        "name": node.name,
        "role": str(node.role),
        "site": plan.site_of(node),
        "container": names.container(node.name),
        "addresses": plan.addresses(node),
        "memoryMebibytes": node.resources.memory_mebibytes,
        "imageRole": topology.image_role(node),
        "image": topology.image_of(node),
        "networkClass": node.resources.network_class,
        "storageClass": node.resources.storage_class,
    }


def _timers(topology: Topology) -> dict[str, float]:
    """Every timer that bounds a recovery, from the first site (all sites of a pattern have the same)."""
    site, cluster, balancer = topology.sites[0], topology.database_cluster, topology.global_load_balancer
    timers = {
        "leaseSeconds": topology.controller.lease_seconds,
        "renewSeconds": topology.controller.renew_seconds,
        "serviceStartSeconds": site.data_processing_servers.service_start_seconds,
        "checkIntervalSeconds": site.load_balancers.check_interval_seconds,
        "checkFall": site.load_balancers.check_fall,
        "vrrpAdvertSeconds": site.load_balancers.vrrp_advert_seconds,
        "retentionSeconds": topology.retention_seconds,
    }
    if topology.etcd_nodes:
        timers |= {
            "databaseLeaseSeconds": cluster.lease_seconds,
            "databaseLoopWaitSeconds": cluster.loop_wait_seconds,
            "databaseRetryTimeoutSeconds": cluster.retry_timeout_seconds,
            "databasePrimaryStartTimeoutSeconds": cluster.primary_start_timeout_seconds,
        }
    if balancer:
        timers |= {
            "siteCheckIntervalSeconds": balancer.check_interval_seconds,
            "siteCheckFall": balancer.check_fall,
        }
    return timers
