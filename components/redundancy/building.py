"""What a document declares becomes a whole :class:`Topology`: nodes with their names, links, integrations. Pure."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

from redundancy.model import in_documents, said_of, snake_case
from redundancy.roles import Role
from redundancy.topology import (
    Collectors,
    Database,
    Integration,
    Link,
    Node,
    Pool,
    Resources,
    SingleNode,
    SingleServer,
    Site,
    Topology,
    Ucmdb,
    node_names,
    only_node,
)

COLLECTOR_RESOURCES = Resources(memory_mebibytes=192, cpu_shares=1024)
ROUTER_RESOURCES = Resources(memory_mebibytes=192, cpu_shares=4096)
ETCD_MEMBERS = 3
"""Members of the configuration store: the fewest of which one may be lost (etcd's FAQ, failure tolerance)."""
CLUSTER_MEMBERS = 2
"""Database servers of a cluster: a primary and a synchronous standby."""
HEALTH_WAIT_SECONDS = 120
"""How long `pulumi up` waits until a node is healthy."""
HEALTH_TIMEOUT_SECONDS = 5
"""How long one health check of a node may take."""


def completed(declared: Topology, lab: str, pool: str) -> Topology:
    """Return the topology of the lab called ``lab``, with the address pool ``pool``."""
    several = declared.traits.several_sites
    of_other_patterns: dict[str, Any] = {
        one.name: () if one.name == "links" else None
        for one in in_documents(declared)
        if declared.pattern not in (said_of(one).patterns or (declared.pattern,))
    }
    topology = replace(
        declared,
        name=lab,
        address_pool=pool,
        sites=tuple(_site(site, declared, several=several) for site in declared.sites),
        collectors=_collectors(declared),
        **of_other_patterns,
    )
    return _between_sites(topology) if several else topology


def _between_sites(topology: Topology) -> Topology:
    """Complete what only a pattern with several sites has."""
    sites = [site.name for site in topology.sites]
    # Twin instances cannot do without a UCMDB, the master of their global ids.
    ucmdb = topology.ucmdb or (Ucmdb() if topology.traits.active_active else None)
    if ucmdb:
        topology = replace(topology, ucmdb=replace(ucmdb, integrations=_integrations(ucmdb, sites)))
    if ucmdb and topology.service_desk:
        topology = replace(topology, service_desk=replace(topology.service_desk, place=ucmdb.site))
    if balancer := topology.global_load_balancer:
        balancer = replace(balancer, active_site=balancer.active_site or sites[0])
    links = {link.name: link for link in topology.links}
    places = sorted((*sites, *([topology.third_place.name] if topology.third_place else [])))
    return replace(
        topology,
        links=tuple(
            replace(links.get(name, Link()), name=name, sites=pair)
            for pair in combinations(places, 2)
            for name in ("-".join(pair),)
        ),
        wan_router=only_node(Role.WAN_ROUTER, ROUTER_RESOURCES),
        global_load_balancer=balancer,
    )


def _collectors(topology: Topology) -> Collectors:
    """Give the collectors their names: twin instances have each of them twice, but for some."""
    collectors = topology.collectors
    places = [f"{site.name}-" for site in topology.sites] if topology.traits.active_active else [""]
    paired = [place + name for place in places for name in node_names(Role.COLLECTOR.row.prefix, collectors.count)]
    names = [*paired, *node_names("untwinned", collectors.untwinned)]
    return replace(collectors, nodes=tuple(Node(name, Role.COLLECTOR, COLLECTOR_RESOURCES) for name in names))


def _integrations(ucmdb: Ucmdb, sites: list[str]) -> tuple[Integration, ...]:
    """Return the integrations that are wanted, or else the usual ones, with the names of the nodes that they join.

    Each stage feeds the next one, the last one feeds the RTSM of every instance; what is new goes the other way.
    """
    names = {name: node.name for name, node in zip(ucmdb.servers, ucmdb.nodes, strict=True)}
    down = [*pairwise(ucmdb.servers), *((ucmdb.servers[-1], site) for site in sites)]
    usual = (
        *(Integration(source=source, target=target, kind="population") for source, target in down),
        *(Integration(source=target, target=source, kind="push") for source, target in down),
    )
    return tuple(
        replace(one, source=names.get(one.source, one.source), target=names.get(one.target, one.target))
        for one in ucmdb.integrations or usual
    )


def _site(site: Site, topology: Topology, *, several: bool) -> Site:
    """Give the nodes of a site their names, limits and images."""
    # Nodes of several sites share one lab: the site's name tells them apart.
    place = f"{site.name}-" if several else ""
    database, clustered = site.database, site.database.availability == "cluster"
    members = CLUSTER_MEMBERS if clustered and not several else 1
    stores = 0 if not clustered else 1 if several else ETCD_MEMBERS

    def nodes(role: Role, pool: Pool | Database, count: int, limits: Resources | None = None) -> tuple[Node, ...]:
        image = role.stand_in(clustered=clustered).key
        return tuple(
            Node(
                place + name,
                role,
                _limits(limits or pool.resources, single),
                single.image or site.images.get(image, ""),
            )
            for name in node_names(role.row.prefix, count)
            for single in (pool.single_nodes.get(name, SingleNode()),)
        )

    pools: dict[str, Any] = {
        snake_case(role.row.section): replace(pool, nodes=nodes(role, pool, pool.count))
        for role, pool in site.pools.items()
    }
    return replace(
        site,
        **pools,
        database=replace(
            database,
            nodes=nodes(Role.DATABASE, database, members),
            etcd=nodes(Role.ETCD, database, stores, topology.database_cluster.etcd_resources),
        ),
    )


def _limits(of_the_pool: Resources, single: SingleNode | SingleServer) -> Resources:
    """Return the limits of a node: those of its pool, but for what is said of it alone, which a rule refuses."""
    own = {one.name: getattr(single, one.name, None) for one in in_documents(Resources)}
    return replace(of_the_pool, **{name: limit for name, limit in own.items() if limit is not None})
