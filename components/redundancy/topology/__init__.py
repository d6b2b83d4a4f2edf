"""What a topology is: each setting with its meaning, limits and default, and what is computed from them. Pure.

It is known here alone. :mod:`redundancy.schemas` makes the JSON Schema and the components' arguments of it, and
:mod:`redundancy.loading` reads it from a document that has passed the schema.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from redundancy.model import setting
from redundancy.roles import IMAGES, StandIn
from redundancy.topology.between import (
    EVERY_SITE,
    NEAREST,
    SPREAD,
    Client,
    EventExchange,
    GlobalLoadBalancer,
    Integration,
    ItemType,
    Link,
    Replication,
    ServiceDesk,
    Ucmdb,
    Witness,
)
from redundancy.topology.site import (
    DATABASE_PORT,
    DATABASE_USER,
    KEPT_LOG_MEBIBYTES,
    PLACE,
    Database,
    DatabaseCluster,
    DataProcessingServers,
    Gateways,
    Image,
    LoadBalancers,
    Node,
    Pool,
    Resources,
    SingleNode,
    SingleServer,
    Site,
    node_names,
    only_node,
)
from redundancy.traits import PatternName, Traits, patterns

__all__ = [
    "DATABASE_PORT",
    "DATABASE_USER",
    "EVERY_SITE",
    "KEPT_LOG_MEBIBYTES",
    "NEAREST",
    "NEW_DATABASE_MEGABITS",
    "QUEUED_MEGABITS",
    "SHORT_COPY_SECONDS",
    "SHORT_ROUND_TRIP_MILLISECONDS",
    "SPREAD",
    "Client",
    "Collectors",
    "Controller",
    "DataProcessingServers",
    "Database",
    "DatabaseCluster",
    "Encryption",
    "EventExchange",
    "Gateways",
    "GlobalLoadBalancer",
    "Image",
    "Integration",
    "ItemType",
    "Link",
    "LoadBalancers",
    "Node",
    "Objectives",
    "Pool",
    "Replication",
    "Resources",
    "ServiceDesk",
    "SingleNode",
    "SingleServer",
    "Site",
    "Topology",
    "Ucmdb",
    "UserInterface",
    "Witness",
    "node_names",
    "only_node",
]


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """What a drill is judged against."""

    rto_seconds: float = setting(
        "Recovery time objective in seconds: the longest outage of any service (collection, users, processing).",
        default=5,
        above=0,
        most=86400,
    )
    rpo_events: int = setting(
        "Recovery point objective: how many acknowledged events may be lost.", default=0, least=0, most=1000000000
    )


SHORT_ROUND_TRIP_MILLISECONDS = 50
"""Up to this the time-outs of the nodes are long enough: the shortest one, of a TCP connection, is 300 ms."""

QUEUED_MEGABITS = 16
"""What one connection may have under way on a slow link: whatever is sent beside it waits for so much."""

NEW_DATABASE_MEGABITS = 800
"""What is copied of a new database server, its log included: some 60 MiB, and room."""

SHORT_COPY_SECONDS = 30
"""Up to this a copy is over while a node is waited for in any case."""


@dataclass(frozen=True, kw_only=True)
class UserInterface:
    """How users reach the gateways by the load balancers of a site."""

    tls: bool = setting(
        "Whether the user virtual IPs also take in users by TLS (1.2 or newer), on port 8443, with a certificate "
        "that `redlab up` makes. HTTP stays: the drills' users are measured by it.",
        default=False,
    )
    persistence: Literal["source", "cookie"] = setting(
        "What keeps a user at his gateway. source: his address. cookie: one that the load balancer gives his "
        "browser, so that users behind one address are spread.",
        default="source",
    )


@dataclass(frozen=True, kw_only=True)
class Encryption:
    """What goes over TLS between nodes, by certificates of the lab's own authority."""

    databases: bool = setting(
        "Whether sessions with the database servers and replication between them go over TLS, with the server's "
        "name checked. A login in clear is refused. Off: for an image of your own that does not speak TLS.",
        default=True,
    )
    http: bool = setting(
        "Whether HTTP between nodes, of collectors and of users goes over TLS, with the server's name or address "
        "checked. HTTP in clear is refused over every network. Off by default, for what it costs "
        "(docs/adr/0017-tls.md).",
        default=False,
    )

    @property
    def scheme(self) -> str:
        """Scheme of every URL of the lab."""
        return "https" if self.http else "http"


@dataclass(frozen=True, kw_only=True)
class Controller:
    """Who moves the services when the active DPS is lost, and how soon it is noticed."""

    automatic_failover: bool = setting(
        "Whether the High Availability Controller is on when the lab is new. Off out of the box, as in the "
        "product; switchable at run time.",
        default=False,
    )
    lease_seconds: float = setting(
        "How long the active DPS may go without renewing its lease before another may take over.",
        default=1.5,
        least=0.5,
        most=600,
    )
    renew_seconds: float = setting(
        "How often the active DPS renews its lease. At most a third of leaseSeconds.", default=0.4, least=0.1, most=200
    )


@dataclass(frozen=True, kw_only=True)
class Collectors:
    """Collector containers on the access network.

    They send events to the collector virtual IP, and the drills' load.
    """

    count: int = setting(
        "Number of collectors, each with an address of its own (load balancers are sticky by source IP).",
        default=1,
        least=1,
        most=4,
        why="a drill needs one to make its load; four give every gateway a share",
    )
    events_per_second: float = setting(
        "The steady trickle each collector sends; 0 sends nothing.", default=1, least=0, most=1000
    )
    interval_factor: Literal[1, 2] = setting(
        "BusinessContinuity: how many times longer the intervals of each twin are than those of one collector "
        "alone. 1: every measurement twice, double load on what is monitored. 2: half of them by each twin, the "
        "same resolution and load as one alone.",
        default=1,
        why="two twins measure in turn, or both each time",
    )
    untwinned: int = setting(
        "BusinessContinuity: collectors without a twin, beside the `count` that exist twice (Operations Manager, "
        "say). Each sends to one instance and, while that is down, to the other; the other one learns of its "
        "events by the exchange.",
        default=0,
        least=0,
        most=2,
        why="two show that there may be several; everything that is measured twice is a twin's",
    )
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Topology:
    """What `pulumi up` stands up: a redundancy pattern, its sites and their nodes. Unknown keys are errors.

    ``name``: the lab's, which is the stack's.   A part that not every pattern has is None where the pattern has none.
    """

    pattern: PatternName = setting(
        "The redundancy pattern. HighAvailability: one site, redundant gateways, primary and failover DPS, one "
        "logical database. DistributedHighAvailability: the same spread over two near sites and a witness, a "
        "database cluster, a global load balancer. DisasterRecovery: two complete instances at any distance, the "
        "databases of one following the other's, and a recovery procedure. BusinessContinuity: two stand-alone "
        "instances with twin collectors, which exchange their events.",
        required=True,
        why="these are the patterns this version builds",
    )
    description: str = setting(
        "One line for people; shown by `redlab inspect`.",
        default="",
        longest=200,
        pattern=r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*\n?$",
        like="one line of text",
        why="it is shown on a terminal",
    )
    objectives: Objectives = setting(default=Objectives())
    sites: tuple[Site, ...] = setting(
        "The data centers by name (a lower-case DNS label).",
        names=PLACE,
        shortest=1,
        longest=8,
        required=True,
        why="a site name becomes part of Docker network names and host names: a lower-case letter, then up to 14 "
        "lower-case letters, digits or hyphens",
    )
    witness: Witness | None = setting(default=Witness(), patterns=patterns("spans_sites"))
    links: tuple[Link, ...] = setting(
        "The links between each two places, by the names of both in alphabetical order (dc1-dc2, dc1-witness). A link "
        "that is left out has the defaults.",
        default=(),
        patterns=patterns("several_sites"),
        names="^[a-z][a-z0-9-]*-[a-z][a-z0-9-]*$",
        why="a link is named by the two places it joins, in alphabetical order",
    )
    replication: Replication | None = setting(default=Replication(), patterns=patterns("replicated"))
    ucmdb: Ucmdb | None = setting(default=None, patterns=patterns("two_instances"))
    event_exchange: EventExchange | None = setting(default=EventExchange(), patterns=patterns("active_active"))
    service_desk: ServiceDesk | None = setting(default=ServiceDesk(), patterns=patterns("active_active"))
    global_load_balancer: GlobalLoadBalancer | None = setting(
        default=GlobalLoadBalancer(), patterns=patterns("several_sites")
    )
    user_interface: UserInterface = setting(default=UserInterface())
    encryption: Encryption = setting(default=Encryption())
    database_cluster: DatabaseCluster = setting(default=DatabaseCluster())
    controller: Controller = setting(default=Controller(), key="highAvailabilityController")
    collectors: Collectors = setting(default=Collectors())
    images: Mapping[str, Image] = setting(
        "Images that take the place of the stand-ins, by role (docs/contract/). A site's own images "
        "go before these, a single node's before both.",
        default={},
        keys=tuple(IMAGES),
    )
    address_pool: str = setting(
        "IPv4 network of the lab, a private /20: its networks are cut from it. Left out, `redlab up` chooses a "
        "free one and keeps it in the stack's config.",
        default="",
        pattern=r"^([0-9]{1,3}\.){3}[0-9]{1,3}/20$",
        why="the lab cuts a /24 for the access network and one for each site out of a /20",
    )
    retention_seconds: int = setting(
        "How long events, metrics, what was said of topology, alerts, incidents, runs, audit and the history of "
        "the lease are kept; what is older goes in small deletes. A drill needs half an hour at least.",
        default=604800,
        least=60,
        most=315360000,
    )
    health_check_interval_seconds: int = setting(
        "How often the engine runs each container's health check. Shorter is noticed sooner and costs more CPU.",
        default=2,
        least=1,
        most=60,
    )
    name: str = ""
    wan_router: Node | None = None

    @property
    def traits(self) -> Traits:
        """What its pattern is."""
        return self.pattern.traits

    def instance(self, site: Site) -> tuple[Site, ...]:
        """The sites of the instance that ``site`` belongs to: one logical system with a database of its own."""
        return (site,) if self.traits.two_instances else self.sites

    def twin_site(self, collector: Node) -> Site | None:
        """The site that a collector belongs to; None where a collector serves all there are, or has no twin."""
        place, _, _ = collector.name.rpartition("-")
        return next((site for site in self.sites if site.name == place), None)

    @property
    def untwinned(self) -> tuple[Node, ...]:
        """The collectors of twin instances that have no twin."""
        nodes = self.collectors.nodes if self.traits.active_active else ()
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

    def stand_in(self, node: Node) -> StandIn:
        """Return the image that a node has where none is named."""
        return node.role.stand_in(clustered=bool(self.etcd_nodes))

    def image_role(self, node: Node) -> str:
        """Return the key of a node's image in the schema's `images`."""
        return self.stand_in(node).key

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
