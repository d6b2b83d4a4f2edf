"""How many sites a pattern has, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.rules.nodes import availability
from redundancy.rules.problem import Problem
from redundancy.topology import EVERY_SITE, Topology


def one_site(topology: Topology) -> Iterator[Problem]:
    """High Availability lives in one data center (best practices, High Availability)."""
    if not topology.traits.several_sites and len(topology.sites) != 1:
        yield Problem(
            "sites",
            ", ".join(site.name for site in topology.sites),
            "one site",
            "High Availability protects within one data center; two sites are another pattern",
        )


def two_sites(topology: Topology) -> Iterator[Problem]:
    """Distributed High Availability has two sites, the other patterns two instances (best practices)."""
    if topology.traits.several_sites and len(topology.sites) != 2:
        yield Problem(
            "sites",
            ", ".join(site.name for site in topology.sites),
            "two sites",
            "the pattern stands in two data centers, so that either may be lost",
        )


def distributed_nodes(topology: Topology) -> Iterator[Problem]:
    """One DPS in each site, and a database cluster (best practices, Distributed HA)."""
    for site in topology.sites if topology.traits.spans_sites else ():
        if len(site.data_processing_servers.nodes) != 1:
            yield Problem(
                f"sites.{site.name}.dataProcessingServers.count",
                str(len(site.data_processing_servers.nodes)),
                "1",
                "the primary data processing server is in one site, its failover in the other",
            )
        yield from availability(site, "cluster", "the one logical database must survive the loss of either site")


def third_place(topology: Topology) -> Iterator[Problem]:
    """The place of the witness, or of the UCMDB, is none of the sites."""
    sites = [site.name for site in topology.sites]
    third = topology.third_place
    if third and third.name in sites:
        key, lost = ("witness", "a witness in one of the sites is lost with it, and with it the majority")
        if topology.ucmdb:
            key, lost = "ucmdb", "a system of record in one of the sites is lost with it"
        yield Problem(f"{key}.site", third.name, f"another name than {' and '.join(sites)}", lost)


def known_active_site(topology: Topology) -> Iterator[Problem]:
    """Clients are sent to a site there is; where every site is active, also each to his own."""
    balancer = topology.global_load_balancer
    every = EVERY_SITE if topology.traits.active_active else ()
    allowed = [*(site.name for site in topology.sites), *every]
    if balancer and balancer.active_site not in allowed:
        yield Problem(
            "globalLoadBalancer.activeSite",
            balancer.active_site,
            ", ".join(allowed),
            "clients are sent to a site with gateways",
        )
