"""What stands in a site: its pools and its database, and what is said of a single node. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, get_args

from redundancy.model import Said, in_documents, key_of, setting
from redundancy.roles import SITE_IMAGES, Role

DATABASE_PORT = 5432

DATABASE_USER = "redlab"

KEPT_LOG_MEBIBYTES = 1024
"""PostgreSQL's own port, the owner of the databases, how much of its log a primary keeps for a standby that is away:
what a server has unless the topology says otherwise."""

PLACE = r"^[a-z][a-z0-9-]{0,14}$"

PLACE_WHY = "the name becomes part of a Docker network's name and of host names"

_CLASS = r"^[A-Za-z0-9][A-Za-z0-9 ._/+-]*$"

_CLASS_LIKE = "letters, digits, spaces and ._/+-"

KEPT_LOG = (
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


def node_names(prefix: str, count: int) -> tuple[str, ...]:
    """Return the names of the nodes of a pool, without their site, such as gw1 and gw2."""
    return tuple(f"{prefix}{n + 1}" for n in range(count))


def only_node(role: Role, resources: Resources, place: str = "") -> Node:
    """Return the one node that a place has of a role; without a place that of the lab."""
    (name,) = node_names(role.row.prefix, 1)
    return Node(f"{place}-{name}" if place else name, role, resources)


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
    kept_log_mebibytes: int = setting(KEPT_LOG, default=KEPT_LOG_MEBIBYTES, least=64, most=1048576)
    etcd_resources: Resources = setting(default=Resources(memory_mebibytes=192, cpu_shares=1024))


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
