"""What a topology is: each setting with its meaning, limits and default, and what is computed from them. Pure.

It is known here alone. :mod:`redundancy.schemas` makes the JSON Schema and the components' arguments of it, and
:mod:`redundancy.loading` reads it from a document that has passed the schema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, get_args

from redundancy.model import Said, in_documents, key_of, setting
from redundancy.roles import IMAGES, SITE_IMAGES, Role, StandIn
from redundancy.traits import PatternName, Traits, patterns

DATABASE_PORT = 5432
DATABASE_USER = "redlab"
KEPT_LOG_MEBIBYTES = 1024
"""PostgreSQL's own port, the owner of the databases, how much of its log a primary keeps for a standby that is away:
what a server has unless the topology says otherwise."""


_PLACE = r"^[a-z][a-z0-9-]{0,14}$"
_PLACE_WHY = "the name becomes part of a Docker network's name and of host names"
_CLASS = r"^[A-Za-z0-9][A-Za-z0-9 ._/+-]*$"
_CLASS_LIKE = "letters, digits, spaces and ._/+-"
_KEPT_LOG = (
    "How much of its log (WAL) a primary keeps for a standby that is away (PostgreSQL's max_slot_wal_keep_size), so "
    "that a dead one does not fill the disk. One that misses more is copied anew (`redlab reprotect`)."
)
_IMAGE_PART = r"[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"
Image = Annotated[
    str,
    Said(
        "Image reference; must keep the container contract of its role.",
        named="image",
        shortest=1,
        longest=255,
        pattern=rf"^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?/)?{_IMAGE_PART}(/{_IMAGE_PART})*"
        r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,128})?$",
        like="an image reference such as registry.example:5000/team/gateway:1.2",
        why="the engine takes no other: parts in lower case, at most one tag, one digest",
    ),
]
ItemType = Annotated[str, Said(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Client = Annotated[
    str,
    Said(
        pattern=r"^(([0-9]{1,3}\.){3}[0-9]{1,3}(/[0-9]{1,2})?|[a-z][a-z0-9-]*)$",
        like="a collector such as dc1-collector1, or an IPv4 network such as 10.201.16.0/25",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Limits of each container of the pool. Nodes of a pool are comparable: the same for all."""

    memory_mebibytes: int = setting(
        "Memory limit in MiB (swap is off: the same limit). Each role of the stand-ins needs at least what it "
        "uses under load.",
        least=32,
        most=65536,
    )
    cpu_shares: int = setting("CPU weight against other containers; 1024 is one share.", least=2, most=262144)
    network_class: str = setting(
        "What network performance the nodes have, in words of your own, such as `10GbE`; left out: none is "
        "declared. Nothing is limited by it: it is compared, within a pool and between the sites.",
        default="",
        longest=40,
        pattern=_CLASS,
        like=_CLASS_LIKE,
    )
    storage_class: str = setting(
        "What storage performance the nodes have, in words of your own, such as `ssd`; as networkClass.",
        default="",
        longest=40,
        pattern=_CLASS,
        like=_CLASS_LIKE,
    )


@dataclass(frozen=True, kw_only=True)
class SingleNode:
    """A single node of a pool: its image, while an upgrade goes node by node.

    Resources that differ from those of the pool are refused.
    """

    image: Image = setting(default="")
    memory_mebibytes: int | None = setting("Memory limit in MiB; that of the pool.", default=None, least=32, most=65536)
    cpu_shares: int | None = setting("CPU weight; that of the pool.", default=None, least=2, most=262144)
    network_class: str | None = setting(
        "Its network performance; that of the pool.", default=None, longest=40, pattern=_CLASS, like=_CLASS_LIKE
    )
    storage_class: str | None = setting(
        "Its storage performance; that of the pool.", default=None, longest=40, pattern=_CLASS, like=_CLASS_LIKE
    )


@dataclass(frozen=True, kw_only=True)
class SingleServer:
    """A single server."""

    image: Image = setting(default="")


@dataclass(frozen=True)
class Node:
    """One container to be: its name in the lab (``gw1``, with several sites ``dc1-gw1``), its role, its limits.

    ``image``: what the topology names for it alone, or for the nodes of its role in its site; empty: see
    :meth:`Topology.image_of`.
    """

    name: str
    role: Role
    resources: Resources
    image: str = ""

    @property
    def ordinal(self) -> int:
        """The number in the name, from 1."""
        return int(re.sub(r".*[^0-9]", "", self.name))


_SINGLE_NODES = {
    "description": "Images and resources of single nodes by name (gw1, dps2, …). A pool whose nodes differ in "
    "resources breaks the best practice and is refused.",
    "key": "nodes",
    "names": "^[a-z]+[1-9]$",
    "why": "nodes are named by role and ordinal: gw1, dps2, lb1",
}


@dataclass(frozen=True, kw_only=True)
class Gateways:
    """Gateway servers (GW) behind the site's load balancer."""

    count: int = setting(
        "Number of gateway servers.",
        default=2,
        least=1,
        most=3,
        why="an instance has 1 to 3 gateway servers (best practices, Common)",
    )
    queue_limit_events: int = setting(
        "Events a gateway holds while no DPS takes them; beyond, collectors get 503.",
        default=1000000,
        least=1000,
        most=100000000,
    )
    queue_limit_mebibytes: int = setting(
        "What these may take of the gateway's volume, in MiB; beyond, and while less than 32 MiB of the volume "
        "are free, collectors get 503.",
        default=1024,
        least=16,
        most=1048576,
    )
    resources: Resources = setting(default=Resources(memory_mebibytes=192, cpu_shares=1024))
    single_nodes: Mapping[str, SingleNode] = setting(default={}, **_SINGLE_NODES)
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DataProcessingServers:
    """Data processing servers (DPS): the first to start becomes primary, the other is its failover."""

    count: int = setting(
        "Number of data processing servers.",
        default=2,
        least=1,
        most=2,
        why="an instance has 1 or 2 data processing servers (best practices, Common)",
    )
    service_start_seconds: float = setting(
        "How long a DPS's services take to start once it holds the lease (a real product: 15 to 60 min).",
        default=0,
        least=0,
        most=3600,
    )
    resources: Resources = setting(default=Resources(memory_mebibytes=192, cpu_shares=1024))
    single_nodes: Mapping[str, SingleNode] = setting(default={}, **_SINGLE_NODES)
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LoadBalancers:
    """Local load balancers (HAProxy); they hold the collector and the user virtual IP by VRRP (keepalived)."""

    count: int = setting(
        "Number of load balancers. With two, the load balancer is no single point of failure.",
        default=2,
        least=1,
        most=2,
        why="a virtual IP has one holder and one stand-by",
    )
    check_interval_seconds: float = setting(
        "HAProxy's check interval (`inter`) for each gateway.", default=0.25, least=0.1, most=60
    )
    check_fall: int = setting("Failed checks until a gateway counts as down (`fall`).", default=2, least=1, most=10)
    vrrp_advert_seconds: float = setting(
        "keepalived's `advert_int`: the stand-by takes over after about three missed.", default=0.2, least=0.1, most=10
    )
    resources: Resources = setting(default=Resources(memory_mebibytes=96, cpu_shares=1024))
    single_nodes: Mapping[str, SingleNode] = setting(default={}, **_SINGLE_NODES)
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Database:
    """The one logical database (PostgreSQL: management, profile, event, rtsm).

    ``nodes``: its servers in the site.   ``etcd``: the members of the cluster's configuration store in the site; none
    with ``single``.
    """

    availability: Literal["single", "cluster"] = setting(
        "single: one PostgreSQL server. cluster: PostgreSQL under Patroni with synchronous replication and etcd; "
        "two servers in the one site of HighAvailability, one in each site of DistributedHighAvailability.",
        default="single",
    )
    port: int = setting(
        "Where the server listens. Each of two instances may have its own: a failover then replaces it (best "
        "practices, Disaster Recovery: OLD_port_name, NEW_port_name).",
        default=DATABASE_PORT,
        least=1024,
        most=65535,
    )
    user: str = setting(
        "As whom the site's gateways and data processing servers log in. Each of two instances may have its own, "
        "a member of the owner `redlab` of the databases, as which it acts (OLD_UID_name, NEW_UID_name).",
        default=DATABASE_USER,
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        like="lower-case letters, digits and _, at most 31",
    )
    resources: Resources = setting(default=Resources(memory_mebibytes=384, cpu_shares=2048))
    single_nodes: Mapping[str, SingleServer] = setting(
        "Images of single servers by name (db1, etcd2, …).",
        default={},
        key="nodes",
        names="^(db|etcd)[1-9]$",
        why="nodes are named by role and ordinal: db1, etcd2",
    )
    nodes: tuple[Node, ...] = ()
    etcd: tuple[Node, ...] = ()


Pool: TypeAlias = Gateways | DataProcessingServers | LoadBalancers
"""Nodes of one role in a site, as many as the topology says."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """One data center."""

    images: Mapping[str, Image] = setting(
        "Images of the nodes of this site, by role, where they differ from the other sites'. `redlab upgrade` "
        "goes site by site with them.",
        default={},
        keys=SITE_IMAGES,
    )
    gateways: Gateways = setting(default=Gateways())
    data_processing_servers: DataProcessingServers = setting(default=DataProcessingServers())
    load_balancers: LoadBalancers = setting(default=LoadBalancers())
    database: Database = setting(default=Database())
    name: str = ""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of the site."""
        return (
            *self.database.etcd,
            *self.database.nodes,
            *(node for pool in self.pools.values() for node in pool.nodes),
        )

    @property
    def pools(self) -> dict[Role, Pool]:
        """Its pools by the role of their nodes, which says in which section of a site they are declared."""
        declared = {key_of(one): getattr(self, one.name) for one in in_documents(self)}
        role_of = {role.row.section: role for role in Role}
        return {role_of[section]: pool for section, pool in declared.items() if isinstance(pool, get_args(Pool))}


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


@dataclass(frozen=True, kw_only=True)
class Witness:
    """The third place, whose member of the configuration store gives the surviving site a majority."""

    site: str = setting("Name of the place; neither of the sites.", default="witness", pattern=_PLACE, why=_PLACE_WHY)
    resources: Resources = setting(default=Resources(memory_mebibytes=192, cpu_shares=1024))

    @property
    def name(self) -> str:
        """The name of the place."""
        return self.site

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its member of the configuration store."""
        return (only_node(Role.ETCD, self.resources, self.site),)


@dataclass(frozen=True, kw_only=True)
class Link:
    """The way between two places, both directions alike."""

    distance_kilometers: float = setting(
        "Length of the fiber. Light bounds the round trip from below: 1 ms for each 100 km.",
        default=50,
        least=0,
        most=20000,
    )
    round_trip_milliseconds: float = setting(
        "Latency there and back, half of it each way.", default=2, least=0, most=2000
    )
    jitter_milliseconds: float = setting(
        "Each packet is held for up to so much longer, in each direction.", default=0, least=0, most=1000
    )
    loss_percent: float = setting("Packets lost in each direction.", default=0, least=0, most=100)
    bandwidth_megabits_per_second: float = setting(
        "Bandwidth of each direction; 0: not limited.", default=0, least=0, most=100000
    )
    name: str = ""
    sites: tuple[str, str] = ("", "")


@dataclass(frozen=True, kw_only=True)
class Replication:
    """How the databases of the failover instance follow those of production.

    PostgreSQL streaming replication, with a slot.
    """

    mode: Literal["asynchronous", "synchronous"] = setting(
        "asynchronous: a commit waits for nobody, and what was not sent when production is lost is lost. "
        "synchronous: a commit waits until the failover site has it.",
        default="asynchronous",
    )
    kept_log_mebibytes: int = setting(_KEPT_LOG, default=KEPT_LOG_MEBIBYTES, least=64, most=1048576)

    @property
    def synchronous(self) -> bool:
        """Whether every commit waits until the failover site has it."""
        return self.mode == "synchronous"


@dataclass(frozen=True, kw_only=True)
class Integration:
    """A way that topology takes from one store to another.

    UCMDBs are named ucmdb1, ucmdb2, …; a site's name is its RTSM.
    """

    source: str = setting("The store that tells.", required=True)
    target: str = setting("The store that learns.", required=True)
    kind: Literal["population", "push", "federation"] = setting(
        "population: the target pulls. push: the source sends. federation: nothing is copied, the target (a "
        "UCMDB) asks when it is asked.",
        key="type",
        required=True,
    )
    item_types: tuple[ItemType, ...] = setting(
        "The filter: only configuration items of these types; empty: all.", default=()
    )
    interval_seconds: float = setting("How often it looks for changes.", default=1, least=0.1, most=3600)


@dataclass(frozen=True, kw_only=True)
class Ucmdb:
    """An external UCMDB, the topology system of record and master of global ids, in a third place.

    BusinessContinuity has one in any case. In DisasterRecovery with it the topology databases (rtsm) are not replicated
    but kept by integrations, and the databases management, profile and event are replicated logically.
    """

    site: str = setting("Name of its place; neither of the sites.", default="central", pattern=_PLACE, why=_PLACE_WHY)
    count: int = setting(
        "Number of UCMDBs: ucmdb1 is the master of global ids, each further one a stage between it and the RTSMs.",
        default=1,
        least=1,
        most=3,
    )
    integrations: tuple[Integration, ...] = setting(
        "Which way topology takes. Left out, each stage feeds the next one and the last one the RTSM of each site "
        "(population), and what is new goes the other way (push); of the RTSMs only that of production tells.",
        default=(),
        longest=20,
    )
    resources: Resources = setting(default=Resources(memory_mebibytes=192, cpu_shares=1024))

    @property
    def name(self) -> str:
        """The name of its place."""
        return self.site

    @property
    def servers(self) -> tuple[str, ...]:
        """The names by which integrations of a document call its servers, the master first."""
        return node_names(Role.UCMDB.row.prefix, self.count)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its servers, the master first."""
        return tuple(Node(f"{self.site}-{name}", Role.UCMDB, self.resources) for name in self.servers)


@dataclass(frozen=True, kw_only=True)
class EventExchange:
    """How the twin instances share their events."""

    takeover_seconds: float = setting(
        "How long the other instance may be silent before this one acts upon the events that it owns.",
        default=2,
        least=0.5,
        most=600,
    )


@dataclass(frozen=True, kw_only=True)
class ServiceDesk:
    """Service Manager and Operations Orchestration, shared by both instances, and their database server.

    They stand in the UCMDB's place.

    ``place``: its name.
    """

    resources: Resources = setting(default=Resources(memory_mebibytes=128, cpu_shares=1024))
    database_resources: Resources = setting(default=Resources(memory_mebibytes=256, cpu_shares=2048))
    place: str = ""

    @property
    def database(self) -> Node:
        """Its database server."""
        return only_node(Role.SERVICE_DATABASE, self.database_resources, self.place)

    @property
    def service_manager(self) -> Node:
        """Who keeps the incidents."""
        return only_node(Role.SERVICE_MANAGER, self.resources, self.place)

    @property
    def operations_orchestration(self) -> Node:
        """Who runs the flows."""
        return only_node(Role.OPERATIONS_ORCHESTRATION, self.resources, self.place)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of it."""
        return self.database, self.service_manager, self.operations_orchestration


def node_names(prefix: str, count: int) -> tuple[str, ...]:
    """Return the names of the nodes of a pool, without their site, such as gw1 and gw2."""
    return tuple(f"{prefix}{n + 1}" for n in range(count))


def only_node(role: Role, resources: Resources, place: str = "") -> Node:
    """Return the one node that a place has of a role; without a place that of the lab."""
    (name,) = node_names(role.row.prefix, 1)
    return Node(f"{place}-{name}" if place else name, role, resources)


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


@dataclass(frozen=True, kw_only=True)
class GlobalLoadBalancer:
    """The load balancer (HAProxy) before those of the sites.

    In BusinessContinuity the wide-area load balancer, with a port for each user interface.
    """

    active_site: str = setting(
        "The site that gets the clients; left out, the first by name. When the lab is new, its instance is "
        "production (DisasterRecovery) and its DPS has the services. In BusinessContinuity also `nearest` (each "
        "user to the site that he is a client of) or `spread` (over both sites by the user's address, each always "
        "to the same one). Applied by `pulumi up` when it is new or was changed; switchable at run time.",
        default="",
        pattern=_PLACE,
        why="it is the name of a site",
    )
    automatic: bool = setting(
        "Whether clients go to the other site by themselves while the active one does not answer. Off: an "
        "operator decides, as the pattern demands.",
        default=False,
    )
    check_interval_seconds: float = setting("How often it checks each site.", default=0.5, least=0.1, most=60)
    check_fall: int = setting(
        "Failed checks until a site counts as down. Interval times this must be longer than a load balancer takes "
        "to replace another of its site (0.8 s), or the site is given up for nothing.",
        default=3,
        least=1,
        most=10,
    )
    clients: Mapping[str, Annotated[tuple[Client, ...], Said(longest=100)]] = setting(
        "BusinessContinuity: who is nearest to which site, for activeSite `nearest`: by site, names of collectors "
        "and networks of the access network. The most specific counts. Collectors that are not named are nearest "
        "to their own site, all others to the first site by name.",
        default={},
        names=_PLACE,
        why="a client is nearest to a site",
    )
    own_addresses: bool = setting(
        "BusinessContinuity: each user interface (users, Service Manager, UCMDB, Operations Orchestration) has an "
        "address of its own at the wide-area load balancer, in the access network and, for integrations, in the "
        "third place. Off: one address with a port for each.",
        default=False,
    )
    resources: Resources = setting(default=Resources(memory_mebibytes=96, cpu_shares=1024))

    @property
    def node(self) -> Node:
        """Its container."""
        return only_node(Role.GLOBAL_LOAD_BALANCER, self.resources)


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


@dataclass(frozen=True, kw_only=True)
class DatabaseCluster:
    """Timers of a database with availability `cluster` (Patroni, its documentation: Dynamic Configuration Settings).

    It demands loopWaitSeconds + 2 × retryTimeoutSeconds ≤ leaseSeconds.
    """

    lease_seconds: int = setting(
        "How long a primary that is not heard of stays primary (Patroni's ttl).",
        default=20,
        least=20,
        most=600,
        why="Patroni's minimum is 20 s; with less it never failed over when measured",
    )
    loop_wait_seconds: int = setting("How often each member renews or looks (loop_wait).", default=1, least=1, most=60)
    retry_timeout_seconds: int = setting(
        "How long a member tries to reach the configuration store or PostgreSQL before it gives up (retry_timeout).",
        default=3,
        least=3,
        most=60,
    )
    primary_start_timeout_seconds: int = setting(
        "How long a crashed PostgreSQL may take to start again before a standby is promoted; 0: at once.",
        default=0,
        least=0,
        most=600,
    )
    kept_log_mebibytes: int = setting(_KEPT_LOG, default=KEPT_LOG_MEBIBYTES, least=64, most=1048576)
    etcd_resources: Resources = setting(default=Resources(memory_mebibytes=192, cpu_shares=1024))


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
        names=_PLACE,
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
