"""A document that is valid and has its defaults makes a :class:`Topology`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Any

from redundancy.topology import (
    Collectors,
    Controller,
    Database,
    DatabaseCluster,
    DataProcessingPool,
    Encryption,
    EventExchange,
    GatewayPool,
    GlobalLoadBalancer,
    Integration,
    Link,
    LoadBalancerPool,
    Node,
    Objectives,
    Replication,
    Resources,
    ServiceDesk,
    Site,
    Topology,
    Ucmdb,
    UserInterface,
    Witness,
)

Document = Mapping[str, Any]

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
DISTRIBUTED = "DistributedHighAvailability"
DISASTER_RECOVERY = "DisasterRecovery"
BUSINESS_CONTINUITY = "BusinessContinuity"
TWO_INSTANCES = (DISASTER_RECOVERY, BUSINESS_CONTINUITY)
SEVERAL_SITES = (DISTRIBUTED, *TWO_INSTANCES)

POOLS = {
    "gateways": ("gw", "gateway"),
    "dataProcessingServers": ("dps", "dataProcessingServer"),
    "loadBalancers": ("lb", "loadBalancer"),
}
"""The pools of a site whose nodes can be overridden one by one: prefix of the nodes' names, role."""


def build(lab: str, document: Document, pool: str, link_defaults: Document, integration_defaults: Document) -> Topology:
    """Return the topology of the lab called ``lab``, with the address pool ``pool``.

    ``document`` is valid and has its defaults; ``link_defaults`` are those of a link that it does not name,
    ``integration_defaults`` those of what an integration of the UCMDB leaves out.
    """
    controller, collectors, objectives, cluster = (
        document[key] for key in ("highAvailabilityController", "collectors", "objectives", "databaseCluster")
    )
    several = document["pattern"] in SEVERAL_SITES
    return Topology(
        name=lab,
        pattern=document["pattern"],
        description=document["description"],
        objectives=Objectives(objectives["rtoSeconds"], objectives["rpoEvents"]),
        sites=tuple(_site(name, document, several=several) for name in sorted(document["sites"])),
        controller=Controller(controller["automaticFailover"], controller["leaseSeconds"], controller["renewSeconds"]),
        collectors=Collectors(
            tuple(Node(name, "collector", COLLECTOR_RESOURCES) for name in _collectors(document)),
            collectors["eventsPerSecond"],
            collectors["intervalFactor"],
        ),
        images=dict(document["images"]),
        address_pool=pool,
        health_check_interval_seconds=document["healthCheckIntervalSeconds"],
        retention_seconds=document["retentionSeconds"],
        database_cluster=DatabaseCluster(
            cluster["leaseSeconds"],
            cluster["loopWaitSeconds"],
            cluster["retryTimeoutSeconds"],
            cluster["primaryStartTimeoutSeconds"],
            cluster["keptLogMebibytes"],
        ),
        user_interface=UserInterface(document["userInterface"]["tls"], document["userInterface"]["persistence"]),
        encryption=Encryption(document["encryption"]["databases"]),
        **(_between_sites(document, link_defaults, integration_defaults) if several else {}),
    )


def _between_sites(document: Document, link_defaults: Document, integration_defaults: Document) -> dict[str, Any]:
    """What only a pattern with several sites has."""
    sites, balancer = sorted(document["sites"]), document["globalLoadBalancer"]
    ucmdb = {"ucmdb": _ucmdb(document["ucmdb"], sites, integration_defaults)} if has_ucmdb(document) else {}
    if document["pattern"] == BUSINESS_CONTINUITY:
        own = {
            **ucmdb,
            "service_desk": _service_desk(document["ucmdb"]["site"], document["serviceDesk"]),
            "event_exchange": EventExchange(document["eventExchange"]["takeoverSeconds"]),
        }
    elif document["pattern"] == DISTRIBUTED:
        place, resources = document["witness"]["site"], _resources(document["witness"]["resources"])
        own = {"witness": Witness(place, (Node(f"{place}-etcd1", "etcd", resources),))}
    else:
        said = document["replication"]
        own = {**ucmdb, "replication": Replication(said["mode"] == "synchronous", said["keptLogMebibytes"])}
    return own | {
        "links": tuple(
            _link(pair, {**link_defaults, **document["links"].get(link_name(pair), {})})
            for pair in combinations(places(document), 2)
        ),
        "wan_router": Node("wan1", "wanRouter", ROUTER_RESOURCES),
        "global_load_balancer": GlobalLoadBalancer(
            Node("glb1", "globalLoadBalancer", _resources(balancer["resources"])),
            balancer.get("activeSite", sites[0]),
            balancer["automatic"],
            balancer["checkIntervalSeconds"],
            balancer["checkFall"],
            {site: tuple(clients) for site, clients in sorted(balancer["clients"].items())},
            balancer["ownAddresses"],
        ),
    }


def _collectors(document: Document) -> list[str]:
    """Return the names of the collectors: twin instances have each of them twice, but for some."""
    collectors = document["collectors"]
    twins = document["pattern"] == BUSINESS_CONTINUITY
    places = [f"{site}-" for site in sorted(document["sites"])] if twins else [""]
    paired = [place + name for place in places for name in node_names("collector", collectors["count"])]
    return [*paired, *node_names("untwinned", collectors["untwinned"])]


def _service_desk(place: str, desk: Document) -> ServiceDesk:
    resources = _resources(desk["resources"])
    return ServiceDesk(
        Node(f"{place}-db1", "serviceDatabase", _resources(desk["databaseResources"])),
        Node(f"{place}-sm1", "serviceManager", resources),
        Node(f"{place}-oo1", "operationsOrchestration", resources),
    )


def has_ucmdb(document: Document) -> bool:
    """Whether its pattern may have a UCMDB, and it has one."""
    return document["pattern"] in TWO_INSTANCES and "ucmdb" in document


def third_place(document: Document) -> str | None:
    """Return the name of the place that serves no clients: the witness's, or the UCMDB's; None without one."""
    if document["pattern"] == DISTRIBUTED:
        return str(document["witness"]["site"])
    return str(document["ucmdb"]["site"]) if has_ucmdb(document) else None


def _ucmdb(ucmdb: Document, sites: list[str], integration_defaults: Document) -> Ucmdb:
    place = ucmdb["site"]
    nodes = _nodes(f"{place}-", "ucmdb", "ucmdb", ucmdb)
    names = {name: node.name for name, node in zip(ucmdb_names(ucmdb), nodes, strict=True)}
    wanted = ucmdb["integrations"] or _usual_integrations(list(names), sites)
    return Ucmdb(
        place,
        nodes,
        tuple(
            Integration(
                names.get(one["source"], one["source"]),
                names.get(one["target"], one["target"]),
                one["type"],
                tuple(one["itemTypes"]),
                one["intervalSeconds"],
            )
            for one in ({**integration_defaults, **integration} for integration in wanted)
        ),
    )


def _usual_integrations(servers: list[str], sites: list[str]) -> list[Document]:
    """Each stage feeds the next one, the last one feeds the RTSM of every instance; what is new goes the other way."""
    down = [*pairwise(servers), *((servers[-1], site) for site in sites)]
    return [
        *({"source": source, "target": target, "type": "population"} for source, target in down),
        *({"source": target, "target": source, "type": "push"} for source, target in down),
    ]


def ucmdb_names(ucmdb: Document) -> list[str]:
    """Return the names by which the integrations of a document call its UCMDBs, the master first."""
    return node_names("ucmdb", ucmdb["count"])


def places(document: Document) -> list[str]:
    """Return the names of the places that links join: the sites, and the third place of a pattern that has one."""
    third = third_place(document)
    return sorted((*document["sites"], *([third] if third else [])))


def _link(joined: tuple[str, str], link: Document) -> Link:
    return Link(
        link_name(joined),
        joined,
        link["distanceKilometers"],
        link["roundTripMilliseconds"],
        link["jitterMilliseconds"],
        link["lossPercent"],
        link["bandwidthMegabitsPerSecond"],
    )


def _site(name: str, document: Document, *, several: bool) -> Site:
    site = document["sites"][name]
    gateways, servers, balancers, database = (
        site[key] for key in ("gateways", "dataProcessingServers", "loadBalancers", "database")
    )
    # Nodes of several sites share one lab: the site's name tells them apart.
    place = f"{name}-" if several else ""
    clustered = database["availability"] == "cluster"
    images = site["images"]
    members = CLUSTER_MEMBERS if clustered and not several else 1
    stores = 0 if not clustered else 1 if several else ETCD_MEMBERS
    overrides = {"nodes": database["nodes"]}
    etcd = {"resources": document["databaseCluster"]["etcdResources"], "count": stores, **overrides}
    return Site(
        name=name,
        gateways=GatewayPool(
            _nodes(place, *POOLS["gateways"], gateways, images),
            gateways["queueLimitEvents"],
            gateways["queueLimitMebibytes"],
        ),
        data_processing_servers=DataProcessingPool(
            _nodes(place, *POOLS["dataProcessingServers"], servers, images), servers["serviceStartSeconds"]
        ),
        load_balancers=LoadBalancerPool(
            _nodes(place, *POOLS["loadBalancers"], balancers, images),
            balancers["checkIntervalSeconds"],
            balancers["checkFall"],
            balancers["vrrpAdvertSeconds"],
        ),
        database=Database(
            database["availability"],
            _nodes(
                place,
                "db",
                "database",
                {**database, "count": members},
                {"database": images.get("databaseCluster" if clustered else "database", "")},
            ),
            _nodes(place, "etcd", "etcd", etcd, images),
            port=database["port"],
            user=database["user"],
        ),
    )


def node_names(prefix: str, count: int) -> list[str]:
    """Return the names of the nodes of a pool, without their site, such as gw1 and gw2."""
    return [f"{prefix}{n + 1}" for n in range(count)]


def _nodes(
    place: str, prefix: str, role: str, pool: Document, images: Mapping[str, str] | None = None
) -> tuple[Node, ...]:
    """Return the nodes of a pool; ``images`` are those of its site, by role."""
    found = []
    for name in node_names(prefix, pool["count"]):
        own = pool.get("nodes", {}).get(name, {})
        image = own.get("image") or (images or {}).get(role, "")
        found.append(Node(place + name, role, _resources({**pool["resources"], **own}), image))
    return tuple(found)


def _resources(limits: Document) -> Resources:
    return Resources(
        limits["memoryMebibytes"], limits["cpuShares"], limits.get("networkClass", ""), limits.get("storageClass", "")
    )


def link_name(joined: tuple[str, str]) -> str:
    """Return the name of the link between two places, given in alphabetical order."""
    return "-".join(joined)
