"""What two instances have in common, and what stands between them."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.rules.nodes import availability, limits
from redundancy.rules.problem import Problem
from redundancy.topology import Site, Topology
from redundancy.traits import Failover


def identical_instances(topology: Topology) -> Iterator[Problem]:
    """Both instances are identical (best practices, Disaster Recovery and Business Continuity).

    Images, operating system and root directory are the lab's, so they are the same; pools and settings are compared.
    """
    if not topology.traits.two_instances or len(topology.sites) != 2:
        return
    first, second = topology.sites
    expected, found = _settings(first), _settings(second)
    for key, value in found.items():
        if value != expected[key]:
            yield Problem(
                f"sites.{second.name}.{key}",
                f"{value}, but {first.name} has {expected[key]}",
                "the same in both instances",
                "each instance takes the place of the other, with the same load and the same settings",
            )


def _settings(site: Site) -> dict[str, object]:
    """What two instances must have in common, by its path in the document."""
    gateways, servers, balancers = site.gateways, site.data_processing_servers, site.load_balancers
    return {
        "gateways.count": len(gateways.nodes),
        "gateways.queueLimitEvents": gateways.queue_limit_events,
        "gateways.queueLimitMebibytes": gateways.queue_limit_mebibytes,
        "dataProcessingServers.count": len(servers.nodes),
        "dataProcessingServers.serviceStartSeconds": servers.service_start_seconds,
        "loadBalancers.count": len(balancers.nodes),
        "loadBalancers.checkIntervalSeconds": balancers.check_interval_seconds,
        "loadBalancers.checkFall": balancers.check_fall,
        "loadBalancers.vrrpAdvertSeconds": balancers.vrrp_advert_seconds,
        "database.availability": site.database.availability,
        "database.resources": limits(site.database.nodes[0]),
    }


def replicated_databases(topology: Topology) -> Iterator[Problem]:
    """The database of each of two instances is a single server."""
    for site in topology.sites if topology.traits.two_instances else ():
        yield from availability(site, "single", "this version has one database server for each of two instances")


def twins_alone(topology: Topology) -> Iterator[Problem]:
    """Only twin instances have twin collectors, whose intervals may be longer (best practices, BC)."""
    if not topology.traits.active_active and topology.collectors.interval_factor != 1:
        yield Problem(
            "collectors.intervalFactor",
            f"{topology.collectors.interval_factor:g}",
            "1",
            f"{topology.pattern} has each collector once: with longer intervals it would see less",
        )
    without_twin = [node for node in topology.collectors.nodes if node.name.startswith("untwinned")]
    if not topology.traits.active_active and without_twin:
        yield Problem(
            "collectors.untwinned",
            str(len(without_twin)),
            "0",
            f"{topology.pattern} has each collector once: collectors.count says how many",
        )


def failover_is_a_procedure(topology: Topology) -> Iterator[Problem]:
    """Nothing sends clients to the failover instance by itself (best practices, Disaster Recovery)."""
    balancer = topology.global_load_balancer
    if topology.traits.failover is Failover.OPERATOR and balancer and balancer.automatic:
        yield Problem(
            "globalLoadBalancer.automatic",
            "true",
            "false",
            "the failover instance serves nobody before its database was promoted: an operator decides and fences",
        )


def logical_replication_is_asynchronous(topology: Topology) -> Iterator[Problem]:
    """With an external UCMDB each database has a subscription of its own, and no commit waits for it."""
    if topology.ucmdb and topology.replication and topology.replication.synchronous:
        yield Problem(
            "replication.mode",
            "synchronous",
            "asynchronous, or no ucmdb",
            "with a ucmdb the databases are replicated one by one (logically), and this version waits for none of them",
        )
