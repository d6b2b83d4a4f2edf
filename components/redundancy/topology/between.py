"""What stands between and beside the sites: links, third places, the load balancer before them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from redundancy.model import Said, setting
from redundancy.roles import Role
from redundancy.topology.site import (
    KEPT_LOG,
    KEPT_LOG_MEBIBYTES,
    PLACE,
    PLACE_WHY,
    Node,
    Resources,
    node_names,
    only_node,
)

ItemType = Annotated[str, Said(pattern=r"^[a-z][a-z0-9_]{0,31}$")]

Client = Annotated[
    str,
    Said(
        pattern=r"^(([0-9]{1,3}\.){3}[0-9]{1,3}(/[0-9]{1,2})?|[a-z][a-z0-9-]*)$",
        like="a collector such as dc1-collector1, or an IPv4 network such as 10.201.16.0/25",
    ),
]

NEAREST = "nearest"
"""In place of the active site: every user goes to the site that he is a client of."""

SPREAD = "spread"
"""In place of the active site: users are spread over all sites by their address."""

EVERY_SITE = (NEAREST, SPREAD)
"""What may stand in place of the active site where every site serves."""


@dataclass(frozen=True, kw_only=True)
class Witness:
    """The third place, whose member of the configuration store gives the surviving site a majority."""

    site: str = setting("Name of the place; neither of the sites.", default="witness", pattern=PLACE, why=PLACE_WHY)
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
    kept_log_mebibytes: int = setting(KEPT_LOG, default=KEPT_LOG_MEBIBYTES, least=64, most=1048576)

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

    site: str = setting("Name of its place; neither of the sites.", default="central", pattern=PLACE, why=PLACE_WHY)
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
        pattern=PLACE,
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
        names=PLACE,
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
