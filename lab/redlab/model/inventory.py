"""The stack's description of itself, typed. Pure; shape: ``schemas/inventory.schema.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redlab.errors import RedlabError
from redundancy.roles import Role
from redundancy.traits import PatternName, Traits

SCHEMA_VERSION = 4


@dataclass(frozen=True)
class Node:
    """One container: its name in the lab, role, site, engine name, and address by network.

    ``image_role``: by which key of the topology's `images` its image is named.   ``image``: what the topology names for
    it; empty: the stand-in.
    ``network_class``, ``storage_class``: what performance the topology declares for it; '' for none.
    """

    name: str
    role: Role
    site: str
    container: str
    addresses: Mapping[str, str]
    image_role: str = ""
    image: str = ""
    network_class: str = ""
    storage_class: str = ""


@dataclass(frozen=True)
class Site:
    """A data center, or the third place (``witness``); where its clients are taken in (empty for the latter)."""

    name: str
    witness: bool
    virtual_ips: Mapping[str, str]


@dataclass(frozen=True)
class Link:
    """The way between two places, as the topology declares it (see the topology schema)."""

    name: str
    sites: tuple[str, str]
    round_trip_milliseconds: float
    bandwidth_megabits_per_second: float


@dataclass(frozen=True)
class GlobalLoadBalancer:
    """The load balancer before the sites, as the topology declares it."""

    node: str
    active_site: str
    automatic: bool


@dataclass(frozen=True)
class Interface:
    """A user interface of twin instances at the wide-area load balancer, at the same port of each of its addresses.

    ``address``: where clients reach it.   ``integrations``: where the instances do; '' for the users' pages.
    """

    name: str
    port: int
    address: str
    integrations: str = ""


@dataclass(frozen=True)
class Replication:
    """How the failover instance's databases follow those of production.

    ``parameters``: by site, the values that its instance goes by, by their key in the settings.
    """

    synchronous: bool
    parameters: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class EventExchange:
    """How twin instances share their events, and their collectors.

    ``takeover_seconds``: how long one may be silent before the other acts upon its events.   ``collectors``: by site;
    those in the same place of each list are twins.   ``untwinned``: those that have none, which send to either
    instance.   ``interval_factor``: how many times longer the intervals of each
    twin are than those of one collector alone, which would send ``events_per_second``.
    """

    takeover_seconds: float
    interval_factor: float
    events_per_second: float
    collectors: Mapping[str, tuple[str, ...]]
    untwinned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inventory:
    """What there is in a lab, its objectives and its timers (seconds; see the topology schema)."""

    lab: str
    pattern: str
    description: str
    rto_seconds: float
    rpo_events: int
    labels: Mapping[str, str]
    networks: Mapping[str, Mapping[str, str]]
    sites: tuple[Site, ...]
    links: tuple[Link, ...]
    nodes: tuple[Node, ...]
    virtual_ips: Mapping[str, str]
    interfaces: tuple[Interface, ...]
    global_load_balancer: GlobalLoadBalancer | None
    replication: Replication | None
    event_exchange: EventExchange | None
    urls: Mapping[str, tuple[str, ...]]
    timers: Mapping[str, float]

    def of_role(self, role: Role) -> tuple[Node, ...]:
        """Return the nodes of a role, in the order of their names."""
        return tuple(node for node in self.nodes if node.role == role)

    def of_site(self, site: str, role: Role | None = None) -> tuple[Node, ...]:
        """Return the nodes of a site, those of one role if one is given."""
        return tuple(node for node in self.nodes if node.site == site and role in (None, node.role))

    def instance(self, site: str, role: Role) -> tuple[Node, ...]:
        """Return the nodes of a role in the instance that has ``site``."""
        return self.of_site(site, role) if self.two_instances else self.of_role(role)

    @property
    def sql_servers(self) -> tuple[Node, ...]:
        """Every PostgreSQL server, those of the instances first."""
        return tuple(node for role in Role if role.row.sql for node in self.of_role(role))

    @property
    def traits(self) -> Traits:
        """What its pattern is."""
        return PatternName(self.pattern).traits

    @property
    def two_instances(self) -> bool:
        """Whether each site is an instance of its own: a replicated one, or an active one; else all sites are one."""
        return self.traits.two_instances

    @property
    def replicated(self) -> bool:
        """Whether the databases of one instance follow those of the other."""
        return self.traits.replicated

    @property
    def has_database_cluster(self) -> bool:
        """Whether its database is a cluster, which has a configuration store."""
        return bool(self.of_role(Role.ETCD))

    @property
    def active_active(self) -> bool:
        """Whether both instances serve, and share their events."""
        return self.traits.active_active

    def management_urls(self, site: str) -> tuple[str, ...]:
        """Return where the management API of a site answers, by way of each of its load balancers."""
        balancers = self.of_role(Role.LOAD_BALANCER)
        return tuple(url for url, node in zip(self.urls["management"], balancers, strict=True) if node.site == site)

    @property
    def data_centers(self) -> tuple[str, ...]:
        """The names of the sites that serve clients."""
        return tuple(site.name for site in self.sites if not site.witness)

    def node(self, name: str) -> Node:
        """Return a node by its name. Raises RedlabError that lists the names there are."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise RedlabError(f"no node {name!r} in lab {self.lab}; there are: {', '.join(n.name for n in self.nodes)}")


def parse(document: Mapping[str, Any]) -> Inventory:
    """Read an inventory. Raises RedlabError when it is of another version."""
    version = document.get("schemaVersion")
    if version != SCHEMA_VERSION:
        raise RedlabError(
            f"the stack's inventory has version {version}, this redlab reads {SCHEMA_VERSION}; run `up` again"
        )
    return Inventory(
        lab=document["lab"],
        pattern=document["pattern"],
        description=document["description"],
        rto_seconds=document["objectives"]["rtoSeconds"],
        rpo_events=document["objectives"]["rpoEvents"],
        labels=document["labels"],
        networks=document["networks"],
        sites=tuple(Site(site["name"], site["witness"], site.get("virtualIps", {})) for site in document["sites"]),
        links=tuple(
            Link(
                link["name"],
                (link["sites"][0], link["sites"][1]),
                link["roundTripMilliseconds"],
                link["bandwidthMegabitsPerSecond"],
            )
            for link in document["links"]
        ),
        nodes=tuple(
            Node(
                node["name"],
                Role(node["role"]),
                node["site"],
                node["container"],
                node["addresses"],
                node.get("imageRole", ""),
                node.get("image", ""),
                # A lab that is older declares none.
                network_class=node.get("networkClass", ""),
                storage_class=node.get("storageClass", ""),
            )
            for node in document["nodes"]
        ),
        virtual_ips=document["virtualIps"],
        # A lab that is older has none, and is read all the same.
        interfaces=tuple(Interface(**interface) for interface in document.get("interfaces", ())),
        global_load_balancer=(
            GlobalLoadBalancer(balancer["node"], balancer["activeSite"], balancer["automatic"])
            if (balancer := document["globalLoadBalancer"])
            else None
        ),
        replication=Replication(**replication) if (replication := document["replication"]) else None,
        event_exchange=(
            EventExchange(
                exchange["takeoverSeconds"],
                exchange["intervalFactor"],
                exchange["eventsPerSecond"],
                {site: tuple(names) for site, names in exchange["collectors"].items()},
                tuple(exchange.get("untwinned", ())),
            )
            if (exchange := document["eventExchange"])
            else None
        ),
        urls={kind: tuple(urls) for kind, urls in document["urls"].items()},
        timers=document["timers"],
    )
