"""The roles that a node may have, one row each: all that is known of a role outside its own component. Pure.

Everything that names a role reads this table: addresses, images, limits, the graph, the listings, and the enumerations
of the schemas (:mod:`redundancy.schemas`). How to add a role: docs/how-to/add-a-role.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Self

COLLECTOR_PORT = 8080
USER_PORT = 8081
USER_TLS_PORT = 8443
"""Where a gateway, and the load balancers before it, take in collectors and users; the latter by TLS."""


class Reach(Enum):
    """How far a node goes to the nodes that it talks to."""

    SITE = "those of its own site"
    INSTANCE = "those of its instance"
    EVERYWHERE = "those of all sites"


@dataclass(frozen=True)
class StandIn:
    """The image that a node has unless the topology names another.

    ``key``: in the topology's `images`.   ``folder``: of ``lab/images``.   ``shares``: another folder whose code it is
    built from as well; '' for none.   ``least_mebibytes``: the memory that it needs under load, measured, and about a
    third more (docs/measurements.md, Memory); 0 where the lab itself chooses the memory.
    """

    key: str
    folder: str
    least_mebibytes: int = 0
    shares: str = ""


@dataclass(frozen=True)
class Interface:
    """A user interface that active-active instances share, at the wide-area load balancer.

    ``port``: there and at the node.   ``number``: its place among the addresses of the wide-area load balancer, after
    the users' pages, which have 0.   ``published``: its place among the four published ports of a global load balancer;
    1 are the users' pages.   ``health_uri``: answers 200 while it serves.
    """

    port: int
    number: int
    published: int
    health_uri: str


@dataclass(frozen=True)
class Row:
    """What the table says of a role.

    ``prefix``: of its nodes' names.   ``title``: for people.
    ``first_host_number``: the last part of the first node's address in a network, the others follow.
    ``stand_in``: its image; ``cluster_stand_in``: that of a server of a database cluster.
    ``talks_to``: keys of the roles that it connects to, within its ``reach``.   ``over_links``: it talks to other
    sites, so that its time-outs follow the round trip of their links.   ``section``: where a site of the topology
    declares its nodes; '' for a role that stands elsewhere.   ``status_port``: where it tells its state by HTTP; 0: it
    does not.   ``absence``: what the absence of the last node costs; '' where nobody who is served notices it at once.
    ``sql``: it is a PostgreSQL server.   ``of_the_lab``: it is no part of what is tried: its load, its link.
    """

    prefix: str
    title: str
    first_host_number: int
    stand_in: StandIn
    colour: str
    talks_to: tuple[str, ...] = ()
    reach: Reach = Reach.INSTANCE
    over_links: bool = False
    section: str = ""
    cluster_stand_in: StandIn | None = None
    status_port: int = 0
    interface: Interface | None = None
    absence: str = ""
    sql: bool = False
    of_the_lab: bool = False


_DATABASE = StandIn("database", "database", 128)


class Role(StrEnum):
    """A role: the key that inventory, labels and `images` have for it, with its row as :attr:`row`.

    In the order of a picture, clients first.

    The colours are Okabe and Ito's, which people with any colour vision tell apart, and greys.
    """

    row: Row
    _value_: str

    COLLECTOR = (
        "collector",
        Row(
            "collector",
            "Collector",
            51,
            StandIn("collector", "collector"),
            "#dddddd",
            talks_to=("globalLoadBalancer", "loadBalancer"),
            reach=Reach.EVERYWHERE,
            of_the_lab=True,
        ),
    )
    GLOBAL_LOAD_BALANCER = (
        "globalLoadBalancer",
        Row(
            "glb",
            "Global load balancer",
            5,
            StandIn("globalLoadBalancer", "global_load_balancer", 32, shares="load_balancer"),
            "#0072b2",
            talks_to=("loadBalancer", "serviceManager", "operationsOrchestration", "ucmdb"),
            reach=Reach.EVERYWHERE,
            absence="nobody is led to a site",
        ),
    )
    LOAD_BALANCER = (
        "loadBalancer",
        Row(
            "lb",
            "Load balancer",
            41,
            StandIn("loadBalancer", "load_balancer", 32),
            "#56b4e9",
            talks_to=("gateway",),
            reach=Reach.SITE,
            section="loadBalancers",
            absence="nobody is served",
        ),
    )
    GATEWAY = (
        "gateway",
        Row(
            "gw",
            "Gateway server",
            11,
            StandIn("gateway", "gateway", 64, shares="common"),
            "#009e73",
            talks_to=("database",),
            over_links=True,
            section="gateways",
            status_port=8082,
            absence="nobody is served",
        ),
    )
    DATA_PROCESSING_SERVER = (
        "dataProcessingServer",
        Row(
            "dps",
            "Data processing server",
            21,
            StandIn("dataProcessingServer", "data_processing_server", 64, shares="common"),
            "#e69f00",
            talks_to=("gateway", "database", "dataProcessingServer", "globalLoadBalancer"),
            over_links=True,
            section="dataProcessingServers",
            status_port=8090,
            absence="users are not served, events wait in the gateways",
        ),
    )
    DATABASE = (
        "database",
        Row(
            "db",
            "Database server",
            31,
            _DATABASE,
            "#cc79a7",
            talks_to=("etcd",),
            over_links=True,
            section="database",
            cluster_stand_in=StandIn("databaseCluster", "database_cluster", 192, shares="database"),
            absence="users are not served, events wait in the gateways",
            sql=True,
        ),
    )
    ETCD = (
        "etcd",
        Row(
            "etcd",
            "Member of the configuration store",
            61,
            StandIn("etcd", "etcd", 64),
            "#f0e442",
            section="database",
        ),
    )
    WAN_ROUTER = (
        "wanRouter",
        Row(
            "wan",
            "Router between the sites",
            253,
            StandIn("wanRouter", "site_router"),
            "#d55e00",
            absence="the sites do not reach each other",
            of_the_lab=True,
        ),
    )
    UCMDB = (
        "ucmdb",
        Row(
            "ucmdb",
            "UCMDB",
            71,
            StandIn("ucmdb", "ucmdb", 64, shares="common"),
            "#999999",
            talks_to=("database",),
            reach=Reach.EVERYWHERE,
            over_links=True,
            status_port=8100,
            interface=Interface(8100, number=2, published=3, health_uri="/v1/status"),
        ),
    )
    SERVICE_MANAGER = (
        "serviceManager",
        Row(
            "sm",
            "Service Manager",
            81,
            StandIn("serviceManager", "service_manager", 64, shares="common"),
            "#bbbbbb",
            talks_to=("serviceDatabase", "globalLoadBalancer"),
            status_port=8110,
            interface=Interface(8110, number=1, published=2, health_uri="/readyz"),
        ),
    )
    OPERATIONS_ORCHESTRATION = (
        "operationsOrchestration",
        Row(
            "oo",
            "Operations Orchestration",
            85,
            StandIn("operationsOrchestration", "operations_orchestration", 64, shares="common"),
            "#bbbbbb",
            talks_to=("serviceDatabase",),
            status_port=8120,
            interface=Interface(8120, number=3, published=0, health_uri="/readyz"),
        ),
    )
    SERVICE_DATABASE = (
        "serviceDatabase",
        Row(
            "db",
            "Database server of the service desk",
            89,
            _DATABASE,
            "#cc79a7",
            sql=True,
        ),
    )

    def __new__(cls, key: str, *rows: Row) -> Self:
        """Make a role of its key and its row: text, so that documents and labels hold the key alone."""
        role = str.__new__(cls, key)
        role._value_, (role.row,) = key, rows
        return role

    @property
    def talks_to(self) -> tuple[Role, ...]:
        """The roles that it connects to."""
        return tuple(Role(key) for key in self.row.talks_to)

    @property
    def serves_http(self) -> bool:
        """Whether its nodes serve HTTP over a network."""
        return bool(self.row.status_port) or self in (Role.LOAD_BALANCER, Role.GLOBAL_LOAD_BALANCER)

    @property
    def stand_ins(self) -> tuple[StandIn, ...]:
        """The images of its nodes."""
        return (self.row.stand_in, *((self.row.cluster_stand_in,) if self.row.cluster_stand_in else ()))

    def stand_in(self, *, clustered: bool) -> StandIn:
        """Return the image of its nodes, where the lab has a database cluster or not."""
        return (clustered and self.row.cluster_stand_in) or self.row.stand_in


IMAGES = {stand_in.key: stand_in for role in Role for stand_in in role.stand_ins}
"""Every stand-in, by its key in the topology's `images`."""
SITE_IMAGES = tuple(dict.fromkeys(each.key for role in Role if role.row.section for each in role.stand_ins))
"""The keys of those that the nodes of a site have."""
USER_INTERFACES: dict[str, int] = {
    "users": USER_PORT,
    **{
        role: interface.port
        for interface, role in sorted(
            ((role.row.interface, role) for role in Role if role.row.interface), key=lambda found: found[0].number
        )
    },
}
"""The user interfaces of active-active instances with the port of each, in the order of their addresses."""
