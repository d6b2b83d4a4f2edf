"""What a topology is: frozen values, no defaults (the JSON Schema has them), no Pulumi, no Docker.

Built by :mod:`redundancy.loading` from a document that has passed the schema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

DATABASE_PORT = 5432
DATABASE_USER = "redlab"
KEPT_LOG_MEBIBYTES = 1024
"""PostgreSQL's own port, the owner of the databases, how much of its log a primary keeps for a standby that is away:
what a server has unless the topology says otherwise."""


@dataclass(frozen=True)
class Resources:
    """Limits of one container: memory in MiB (no swap), CPU weight (1024 is one share).

    ``network_class``, ``storage_class``: what performance is declared, in free words; '' for none.
    """

    memory_mebibytes: int
    cpu_shares: int
    network_class: str = ""
    storage_class: str = ""


@dataclass(frozen=True)
class Objectives:
    """What a drill is judged against: outage in seconds, acknowledged events that may be lost."""

    rto_seconds: float
    rpo_events: int


@dataclass(frozen=True)
class Controller:
    """The High Availability Controller: initial state and the timers of the DPS lease, in seconds."""

    automatic_failover: bool
    lease_seconds: float
    renew_seconds: float


@dataclass(frozen=True)
class Node:
    """One container to be: its name in the lab (``gw1``, with several sites ``dc1-gw1``), its role, its limits.

    ``image``: what the topology names for it alone, or for the nodes of its role in its site; empty: see
    :meth:`Topology.image_of`.
    """

    name: str
    role: str
    resources: Resources
    image: str = ""

    @property
    def ordinal(self) -> int:
        """The number in the name, from 1."""
        return int(re.sub(r".*[^0-9]", "", self.name))


@dataclass(frozen=True)
class GatewayPool:
    """The gateway servers of a site and how much each queues at most."""

    nodes: tuple[Node, ...]
    queue_limit_events: int
    queue_limit_mebibytes: int


@dataclass(frozen=True)
class DataProcessingPool:
    """The data processing servers of a site; ``service_start_seconds`` is the start time of their services."""

    nodes: tuple[Node, ...]
    service_start_seconds: float


@dataclass(frozen=True)
class LoadBalancerPool:
    """The load balancers of a site, HAProxy's check of the gateways and keepalived's advertisement interval."""

    nodes: tuple[Node, ...]
    check_interval_seconds: float
    check_fall: int
    vrrp_advert_seconds: float


@dataclass(frozen=True)
class UserInterface:
    """How users reach the gateways by a site's load balancers: also by TLS or not, and what keeps a user at a gateway.

    ``persistence``: ``source`` (his address) or ``cookie`` (one that the load balancer gives his browser).
    """

    tls: bool
    persistence: str


@dataclass(frozen=True)
class Encryption:
    """What goes over TLS inside the lab. ``databases``: sessions with a database server, and its replication."""

    databases: bool


@dataclass(frozen=True)
class Database:
    """The logical database's part in a site: how it is kept available (``single``, ``cluster``) and its nodes.

    ``etcd`` are the members of the cluster's configuration store in this site; none with ``single``.   ``port``: where
    its servers listen.   ``user``: as whom the site's nodes log in.
    """

    availability: str
    nodes: tuple[Node, ...]
    etcd: tuple[Node, ...] = ()
    port: int = field(kw_only=True)
    user: str = field(kw_only=True)


@dataclass(frozen=True)
class DatabaseCluster:
    """Patroni's timers, in seconds (its documentation, Dynamic Configuration Settings).

    ``lease_seconds`` is its ttl: how long a primary that is not heard of keeps the leader key.
    ``kept_log_mebibytes``: how much of its log a primary keeps for a standby that is away.
    """

    lease_seconds: int
    loop_wait_seconds: int
    retry_timeout_seconds: int
    primary_start_timeout_seconds: int
    kept_log_mebibytes: int


@dataclass(frozen=True)
class Witness:
    """A third place with a member of the configuration store alone: the loss of either site leaves a majority."""

    name: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Link:
    """The way between two sites, both directions alike.

    The round trip is split evenly between the directions; jitter and loss hold for each. A bandwidth of 0 is no limit.
    """

    name: str
    sites: tuple[str, str]
    distance_kilometers: float
    round_trip_milliseconds: float
    jitter_milliseconds: float
    loss_percent: float
    bandwidth_megabits_per_second: float


@dataclass(frozen=True)
class Replication:
    """How the failover instance's databases follow those of production.

    ``synchronous``: every commit waits until the failover site has it; otherwise what was not sent yet may be lost.
    ``kept_log_mebibytes``: how much of its log production keeps for a failover instance that is away.
    """

    synchronous: bool
    kept_log_mebibytes: int


@dataclass(frozen=True)
class Integration:
    """A way that topology takes from one store to another: the RTSM of a site, or a UCMDB.

    ``kind``: population (the target pulls), push (the source sends) or federation (asked when somebody asks).
    ``item_types``: only configuration items of these types; empty: all.
    """

    source: str
    target: str
    kind: str
    item_types: tuple[str, ...]
    interval_seconds: float


@dataclass(frozen=True)
class Ucmdb:
    """The topology system of record in a third place: its servers, the master of global ids first, and integrations.

    With it the topology databases (RTSM) of two instances are not replicated, and the others logically.
    """

    name: str
    nodes: tuple[Node, ...]
    integrations: tuple[Integration, ...]


@dataclass(frozen=True)
class ServiceDesk:
    """What two twin instances share, in the UCMDB's place: its database server, and who acts on their events.

    ``nodes``: the database server, Service Manager and Operations Orchestration.
    """

    database: Node
    service_manager: Node
    operations_orchestration: Node

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of it."""
        return self.database, self.service_manager, self.operations_orchestration


@dataclass(frozen=True)
class EventExchange:
    """How twin instances share their events; after ``takeover_seconds`` of silence one acts for the other."""

    takeover_seconds: float


SHORT_ROUND_TRIP_MILLISECONDS = 50
"""Up to this the time-outs of the nodes are long enough: the shortest one, of a TCP connection, is 300 ms."""
QUEUED_MEGABITS = 16
"""What one connection may have under way on a slow link: whatever is sent beside it waits for so much."""
NEW_DATABASE_MEGABITS = 800
"""What is copied of a new database server, its log included: some 60 MiB, and room."""
SHORT_COPY_SECONDS = 30
"""Up to this a copy is over while a node is waited for in any case."""
NEAREST = "nearest"
"""In place of the active site: every user goes to the site that he is a client of."""
SPREAD = "spread"
"""In place of the active site: users are spread over all sites by their address."""
EVERY_SITE = (NEAREST, SPREAD)
"""What may stand in place of the active site where every site serves."""


@dataclass(frozen=True)
class GlobalLoadBalancer:
    """The load balancer before the sites: where it sends clients, by itself or not, and its check of the sites.

    ``active_site`` may be one of :data:`EVERY_SITE` where every site serves.   ``clients``: by site, who is nearest to
    it: names of collectors, or networks.   ``own_addresses``: each user interface has an access address of its own.
    """

    node: Node
    active_site: str
    automatic: bool
    check_interval_seconds: float
    check_fall: int
    clients: Mapping[str, tuple[str, ...]]
    own_addresses: bool


@dataclass(frozen=True)
class Collectors:
    """Collector containers and the steady trickle of each, in events (metrics, topology items) per second.

    ``interval_factor``: twins (the same collector for each instance) measure so many times less often than one alone.
    """

    nodes: tuple[Node, ...]
    events_per_second: float
    interval_factor: float = 1.0


@dataclass(frozen=True)
class Site:
    """One data center and its nodes."""

    name: str
    gateways: GatewayPool
    data_processing_servers: DataProcessingPool
    load_balancers: LoadBalancerPool
    database: Database

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of the site."""
        return (
            *self.database.etcd,
            *self.database.nodes,
            *self.gateways.nodes,
            *self.data_processing_servers.nodes,
            *self.load_balancers.nodes,
        )


@dataclass(frozen=True)
class Topology:
    """A lab: its name (the stack's), pattern, sites and settings. ``address_pool`` is a /20, such as 10.201.16.0/20."""

    name: str
    pattern: str
    description: str
    objectives: Objectives
    sites: tuple[Site, ...]
    controller: Controller
    collectors: Collectors
    images: Mapping[str, str]
    address_pool: str
    health_check_interval_seconds: int
    retention_seconds: int
    database_cluster: DatabaseCluster
    user_interface: UserInterface
    encryption: Encryption
    witness: Witness | None = None
    ucmdb: Ucmdb | None = None
    links: tuple[Link, ...] = ()
    wan_router: Node | None = None
    global_load_balancer: GlobalLoadBalancer | None = None
    replication: Replication | None = None
    service_desk: ServiceDesk | None = None
    event_exchange: EventExchange | None = None

    def instance(self, site: Site) -> tuple[Site, ...]:
        """The sites of the instance that ``site`` belongs to: one logical system with a database of its own."""
        return (site,) if self.replication or self.event_exchange else self.sites

    def twin_site(self, collector: Node) -> Site | None:
        """The site that a collector belongs to; None where a collector serves all there are, or has no twin."""
        place, _, _ = collector.name.rpartition("-")
        return next((site for site in self.sites if site.name == place), None)

    @property
    def untwinned(self) -> tuple[Node, ...]:
        """The collectors of twin instances that have no twin."""
        nodes = self.collectors.nodes if self.event_exchange else ()
        return tuple(node for node in nodes if self.twin_site(node) is None)

    @property
    def first_site(self) -> str:
        """The site that serves when the lab is new; where every site serves users, the first by name."""
        balancer = self.global_load_balancer
        known = balancer is not None and balancer.active_site not in EVERY_SITE
        return balancer.active_site if balancer and known else self.sites[0].name

    def long_round_trip_milliseconds(self, place: str) -> int:
        """The longest round trip of a place's links with their jitter, in steps of 100; 0 where it is short.

        So a change of a short link is the router's affair alone, and no node has to be made anew for it.
        """
        trips = [
            link.round_trip_milliseconds + 2 * link.jitter_milliseconds for link in self.links if place in link.sites
        ]
        longest = max(trips, default=0)
        return 100 * math.ceil(longest / 100) if longest > SHORT_ROUND_TRIP_MILLISECONDS else 0

    def queue_milliseconds(self, place: str) -> int:
        """How long what is sent may wait behind a copy of a database on a slow link of a place; 0 without one."""
        return 1000 * math.ceil(self.copy_seconds(place) * QUEUED_MEGABITS / NEW_DATABASE_MEGABITS)

    def copy_seconds(self, place: str) -> int:
        """How long a new standby of a place may take to copy a new database, over the slowest link there; 0: no time.

        So fast links make no difference to a node.
        """
        limits = [link.bandwidth_megabits_per_second for link in self.links if place in link.sites]
        seconds = max((math.ceil(NEW_DATABASE_MEGABITS / limit) for limit in limits if limit), default=0)
        return seconds if seconds >= SHORT_COPY_SECONDS else 0

    @property
    def etcd_nodes(self) -> tuple[Node, ...]:
        """Every member of the database cluster's configuration store, the witness last."""
        members = [node for site in self.sites for node in site.database.etcd]
        return (*members, *(self.witness.nodes if self.witness else ()))

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node: those of the sites and of the third place, then what lies between them, then the clients."""
        between = (self.wan_router, self.global_load_balancer and self.global_load_balancer.node)
        return (
            *(node for _, placed in self.places for node in placed),
            *(node for node in between if node),
            *self.collectors.nodes,
        )

    def image_role(self, node: Node) -> str:
        """Return the key of a node's image in the schema's `images`."""
        if node.role == "serviceDatabase":
            return "database"
        return "databaseCluster" if node.role == "database" and self.etcd_nodes else node.role

    def image_of(self, node: Node) -> str:
        """Return the image that it names for a node, the most specific one; empty: the stand-in of its role."""
        return node.image or self.images.get(self.image_role(node), "")

    @property
    def image_roles(self) -> frozenset[str]:
        """Which images it needs: keys of the schema's `images`."""
        return frozenset(map(self.image_role, self.nodes))

    @property
    def places(self) -> tuple[tuple[str, tuple[Node, ...]], ...]:
        """Every place that has a network of its own: the sites, then the third place; with the nodes in it."""
        third = self.third_place
        shared = self.service_desk.nodes if self.service_desk else ()
        sites = ((site.name, site.nodes) for site in self.sites)
        return (*sites, *(((third.name, (*third.nodes, *shared)),) if third else ()))

    @property
    def third_place(self) -> Witness | Ucmdb | None:
        """The place that serves no clients: the witness's, or the UCMDB's."""
        return self.witness or self.ucmdb
