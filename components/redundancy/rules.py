"""Best-practice rules that a shape cannot express. Pure: a topology in, problems out.

Source of the rules unless another is named: the redundancy best practices for the pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from redundancy.building import BUSINESS_CONTINUITY, DISASTER_RECOVERY, DISTRIBUTED, SEVERAL_SITES, TWO_INSTANCES
from redundancy.loading import Source, TopologyError
from redundancy.naming import ACCESS_NETWORK
from redundancy.topology import NEAREST, Node, Site, Topology

MAXIMUM_ROUND_TRIP_MILLISECONDS = 5.0
MAXIMUM_DISTANCE_KILOMETERS = 400.0
LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND = 100.0
"""Light in fiber goes about 200 km in a millisecond (refractive index 1.5), there and back 100."""


@dataclass(frozen=True)
class Problem:
    """One broken rule: path in the document, what was found, what is allowed, and why."""

    path: str
    found: str
    allowed: str
    why: str

    def __str__(self) -> str:
        return f"found {self.found}; allowed: {self.allowed}; why: {self.why}"


Rule = Callable[[Topology], Iterator[Problem]]


def one_site(topology: Topology) -> Iterator[Problem]:
    """High Availability lives in one data center (best practices, High Availability)."""
    if topology.pattern == "HighAvailability" and len(topology.sites) != 1:
        yield Problem(
            "sites",
            ", ".join(site.name for site in topology.sites),
            "one site",
            "High Availability protects within one data center; two sites are another pattern",
        )


def comparable_pools(topology: Topology) -> Iterator[Problem]:
    """Nodes of a pool are comparable, in all sites: the same resource limits (best practices, Common)."""
    firsts: dict[str, Node] = {}
    for site in topology.sites:
        for key, nodes in _pools(site):
            first = firsts.setdefault(key, nodes[0])
            for node in nodes:
                if node.resources != first.resources:
                    yield Problem(
                        f"sites.{site.name}.{key}.nodes.{node.name.removeprefix(site.name + '-')}",
                        f"{_limits(node)}, but {first.name} has {_limits(first)}",
                        "the same resources for every node of the pool",
                        "a failover to a smaller node would be an outage of its own (best practices: comparable "
                        "hardware)",
                    )


def renewal_fits_lease(topology: Topology) -> Iterator[Problem]:
    """A lease must survive two missed renewals, or a short stall of a healthy DPS looks like its death."""
    controller = topology.controller
    if controller.renew_seconds > controller.lease_seconds / 3:
        yield Problem(
            "highAvailabilityController.renewSeconds",
            f"{controller.renew_seconds:g}",
            f"at most {controller.lease_seconds / 3:g} (a third of leaseSeconds)",
            "two renewals may be missed before the lease ends; else a short stall looks like a dead DPS",
        )


def failover_has_a_target(topology: Topology) -> Iterator[Problem]:
    """Automatic failover needs a second DPS in the instance: in the site, or in the other one."""
    for site in topology.sites[:1]:
        servers = [node for own in topology.instance(site) for node in own.data_processing_servers.nodes]
        if topology.controller.automatic_failover and len(servers) < 2:
            yield Problem(
                "highAvailabilityController.automaticFailover",
                "true",
                f"false, or sites.{site.name}.dataProcessingServers.count: 2",
                "there is no data processing server to fail over to",
            )


def two_sites(topology: Topology) -> Iterator[Problem]:
    """Distributed High Availability has two sites, the other patterns two instances (best practices)."""
    if topology.pattern in SEVERAL_SITES and len(topology.sites) != 2:
        yield Problem(
            "sites",
            ", ".join(site.name for site in topology.sites),
            "two sites",
            "the pattern stands in two data centers, so that either may be lost",
        )


def near_sites(topology: Topology) -> Iterator[Problem]:
    """The sites are near: less than 5 ms and less than 400 km (best practices, Distributed HA)."""
    sites = {site.name for site in topology.sites}
    for link in topology.links:
        path = f"links.{link.name}"
        fastest_milliseconds = link.distance_kilometers / LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND
        if link.round_trip_milliseconds < fastest_milliseconds:
            yield Problem(
                f"{path}.roundTripMilliseconds",
                f"{link.round_trip_milliseconds:g}",
                f"at least {fastest_milliseconds:g} for {link.distance_kilometers:g} km",
                "light in fiber needs 1 ms for 100 km there and back; no link beats it",
            )
        if topology.pattern != DISTRIBUTED or set(link.sites) != sites:
            continue
        slowest_milliseconds = link.round_trip_milliseconds + 2 * link.jitter_milliseconds
        if slowest_milliseconds >= MAXIMUM_ROUND_TRIP_MILLISECONDS:
            yield Problem(
                f"{path}.roundTripMilliseconds",
                f"{link.round_trip_milliseconds:g}, with jitter up to {slowest_milliseconds:g}",
                f"less than {MAXIMUM_ROUND_TRIP_MILLISECONDS:g}, jitter of both directions included",
                "every commit waits for a round trip; the best practices allow the pattern only with latency "
                "consistently below 5 ms",
            )
        if link.distance_kilometers >= MAXIMUM_DISTANCE_KILOMETERS:
            yield Problem(
                f"{path}.distanceKilometers",
                f"{link.distance_kilometers:g}",
                f"less than {MAXIMUM_DISTANCE_KILOMETERS:g}",
                "the best practices allow the pattern only within 400 km (250 miles); beyond is Disaster Recovery",
            )


def distributed_nodes(topology: Topology) -> Iterator[Problem]:
    """One DPS in each site, and a database cluster (best practices, Distributed HA)."""
    for site in topology.sites if topology.pattern == DISTRIBUTED else ():
        if len(site.data_processing_servers.nodes) != 1:
            yield Problem(
                f"sites.{site.name}.dataProcessingServers.count",
                str(len(site.data_processing_servers.nodes)),
                "1",
                "the primary data processing server is in one site, its failover in the other",
            )
        yield from _availability(site, "cluster", "the one logical database must survive the loss of either site")


def _availability(site: Site, allowed: str, why: str) -> Iterator[Problem]:
    if site.database.availability != allowed:
        yield Problem(f"sites.{site.name}.database.availability", site.database.availability, allowed, why)


def identical_instances(topology: Topology) -> Iterator[Problem]:
    """Both instances are identical (best practices, Disaster Recovery and Business Continuity).

    Images, operating system and root directory are the lab's, so they are the same; pools and settings are compared.
    """
    if topology.pattern not in TWO_INSTANCES or len(topology.sites) != 2:
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
        "dataProcessingServers.count": len(servers.nodes),
        "dataProcessingServers.serviceStartSeconds": servers.service_start_seconds,
        "loadBalancers.count": len(balancers.nodes),
        "loadBalancers.checkIntervalSeconds": balancers.check_interval_seconds,
        "loadBalancers.checkFall": balancers.check_fall,
        "loadBalancers.vrrpAdvertSeconds": balancers.vrrp_advert_seconds,
        "database.availability": site.database.availability,
        "database.resources": _limits(site.database.nodes[0]),
    }


def replicated_databases(topology: Topology) -> Iterator[Problem]:
    """The database of each of two instances is a single server."""
    for site in topology.sites if topology.pattern in TWO_INSTANCES else ():
        yield from _availability(site, "single", "this version has one database server for each of two instances")


def twins_alone(topology: Topology) -> Iterator[Problem]:
    """Only twin instances have twin collectors, whose intervals may be longer (best practices, BC)."""
    if topology.pattern != BUSINESS_CONTINUITY and topology.collectors.interval_factor != 1:
        yield Problem(
            "collectors.intervalFactor",
            f"{topology.collectors.interval_factor:g}",
            "1",
            f"{topology.pattern} has each collector once: with longer intervals it would see less",
        )


def failover_is_a_procedure(topology: Topology) -> Iterator[Problem]:
    """Nothing sends clients to the failover instance by itself (best practices, Disaster Recovery)."""
    balancer = topology.global_load_balancer
    if topology.pattern == DISASTER_RECOVERY and balancer and balancer.automatic:
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


def patroni_timers(topology: Topology) -> Iterator[Problem]:
    """Patroni's own condition (its documentation, Dynamic Configuration Settings)."""
    timers = topology.database_cluster
    least_seconds = timers.loop_wait_seconds + 2 * timers.retry_timeout_seconds
    if least_seconds > timers.lease_seconds:
        yield Problem(
            "databaseCluster.leaseSeconds",
            str(timers.lease_seconds),
            f"at least {least_seconds} (loopWaitSeconds + 2 × retryTimeoutSeconds)",
            "with less a primary that only has to try twice would lose its lease",
        )


def reserved_names(topology: Topology) -> Iterator[Problem]:
    """No place may be called like the access network."""
    for site in topology.sites:
        if site.name == ACCESS_NETWORK:
            yield Problem(f"sites.{site.name}", "access", "another name", "the network of the clients has this name")
        if site.name == NEAREST:
            yield Problem(
                f"sites.{site.name}", NEAREST, "another name", "globalLoadBalancer.activeSite uses it for every site"
            )
    third = topology.third_place
    if third and third.name == ACCESS_NETWORK:
        key = "witness" if topology.witness else "ucmdb"
        yield Problem(f"{key}.site", "access", "another name", "the network of the clients has this name")


def only_where_it_counts(topology: Topology, source: Source) -> Iterator[Problem]:
    """What a pattern has no use for must not be given: it would be ignored."""
    for key, patterns in _HAVE.items():
        if source.document.get(key) and topology.pattern not in patterns:
            yield Problem(
                key, "given", "nothing", f"{topology.pattern} has none; it is a part of {' and '.join(patterns)}"
            )


_HAVE = {
    "witness": (DISTRIBUTED,),
    "links": SEVERAL_SITES,
    "globalLoadBalancer": SEVERAL_SITES,
    "replication": (DISASTER_RECOVERY,),
    "ucmdb": TWO_INSTANCES,
    "eventExchange": (BUSINESS_CONTINUITY,),
    "serviceDesk": (BUSINESS_CONTINUITY,),
}
"""Parts of the document that not every pattern has."""


RULES: tuple[Rule, ...] = (
    one_site,
    two_sites,
    near_sites,
    distributed_nodes,
    identical_instances,
    replicated_databases,
    twins_alone,
    failover_is_a_procedure,
    logical_replication_is_asynchronous,
    comparable_pools,
    patroni_timers,
    renewal_fits_lease,
    failover_has_a_target,
    reserved_names,
)


def problems(topology: Topology) -> list[Problem]:
    """Return every broken rule, in the order of RULES."""
    return list(chain.from_iterable(rule(topology) for rule in RULES))


def enforce(topology: Topology, source: Source) -> Topology:
    """Return the topology, or raise TopologyError with a line for each broken rule, at its place in ``source``."""
    found = [*problems(topology), *only_where_it_counts(topology, source)]
    if found:
        raise TopologyError("\n".join(f"{source.place(p.path.split('.'))}: {p}" for p in found))
    return topology


def _pools(site: Site) -> Iterator[tuple[str, tuple[Node, ...]]]:
    yield "gateways", site.gateways.nodes
    yield "dataProcessingServers", site.data_processing_servers.nodes
    yield "loadBalancers", site.load_balancers.nodes


def _limits(node: Node) -> str:
    return f"{node.resources.memory_mebibytes} MiB and {node.resources.cpu_shares} CPU shares"
