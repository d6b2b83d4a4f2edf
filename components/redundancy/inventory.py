"""What a stack exports about itself: one JSON document that the CLI and the drills read. It holds no secret. Pure.

Its form is known here alone: :mod:`redundancy.schemas` makes ``schemas/inventory.schema.json`` of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args

from redundancy import model
from redundancy import topology as declared
from redundancy.addressing import AddressPlan, EntryPoint
from redundancy.model import Said, setting
from redundancy.naming import ACCESS_NETWORK, Names
from redundancy.parameters import parameters
from redundancy.roles import IMAGES, USER_INTERFACES, Role
from redundancy.topology import Objectives, Topology
from redundancy.traits import PatternName

Version = Literal[4]
(SCHEMA_VERSION,) = get_args(Version)
_ADDRESS = r"(\d{1,3}\.){3}\d{1,3}"
_SUBNET = rf"^{_ADDRESS}/\d{{1,2}}$"
Address = Annotated[str, Said(named="address", pattern=f"^{_ADDRESS}$")]
Name = Annotated[str, Said(shortest=1)]
Url = Annotated[str, Said(pattern=r"^https?://127\.0\.0\.1:\d{4,5}$")]
_CLASS = "performance is declared for it; empty: none."


@dataclass(frozen=True)
class Node:
    """One container."""

    name: str = setting("Its name in the lab.", pattern="^([a-z][a-z0-9-]*-)?[a-z]+[1-9][0-9]*$")
    role: Role = setting("What it does.")
    site: str = setting(
        "The place it stands in; `access` for what stands in none: collectors, the global load balancer, the router.",
        shortest=1,
    )
    container: str = setting("What the engine calls its container.", shortest=1)
    addresses: Mapping[str, Address] = setting(
        "Its address in each network it has a leg in, by the network's short name.", shortest=1
    )
    memory_mebibytes: int = setting("Its memory limit in MiB.", default=0, least=1)
    image_role: str = setting(
        "By which key of the topology's `images` its image is named.", default="", allowed=tuple(IMAGES), later=True
    )
    image: str = setting(
        "The image that the topology names for it, the most specific one; empty: the stand-in.", default="", later=True
    )
    network_class: str = setting(f"What network {_CLASS}", default="", later=True)
    storage_class: str = setting(f"What storage {_CLASS}", default="", later=True)


@dataclass(frozen=True)
class Network:
    """A network of the lab."""

    name: str = setting("What the engine calls it.", shortest=1)
    subnet: str = setting("Its IPv4 addresses.", pattern=_SUBNET)


@dataclass(frozen=True)
class Site:
    """A data center, or the third place."""

    name: str = setting("Its name, also that of its network.", shortest=1)
    witness: bool = setting("Whether it is the third place, which serves no clients.")
    virtual_ips: Mapping[str, Address] = setting(
        "Addresses that a load balancer of the site holds at any time: where collectors send to, where users go to.",
        default={},
        keys=("collectors", "users"),
        needed=("collectors", "users"),
        optional=True,
    )


@dataclass(frozen=True, kw_only=True)
class Link(declared.Link):
    """The way between two places, both directions alike, as the topology declares it."""

    name: str = setting("The names of both places in alphabetical order.", shortest=3)
    sites: tuple[str, str] = setting("Both places.", shortest=2, longest=2)


@dataclass(frozen=True)
class Nearest:
    """Which clients are nearest to which site."""

    network: str = setting("Where they are.", pattern=_SUBNET)
    site: str = setting("The site.", shortest=1)


@dataclass(frozen=True)
class GlobalLoadBalancer:
    """The load balancer before the sites as the topology declares it."""

    node: str = setting("Its node.", shortest=1)
    active_site: str = setting(
        "A site; with twin instances also `nearest` (each user to the site nearest to him) or `spread` (over all, by "
        "address).",
        shortest=1,
    )
    automatic: bool = setting("Whether clients go to the other site by themselves.")
    nearest: tuple[Nearest, ...] = setting(
        "With twin instances: which clients are nearest to which site; of the networks that a client is in the last "
        "one counts. Others are nearest to the first site by name.",
        default=(),
    )


@dataclass(frozen=True)
class Interface:
    """A user interface of twin instances at the wide-area load balancer, at the same port of each of its addresses."""

    name: str = setting(
        "Whose it is: the instances' users, or a node that both share.", allowed=tuple(map(str, USER_INTERFACES))
    )
    port: int = setting("Its port, at each of its addresses.", least=1, most=65535)
    address: Address = setting("Where clients reach it, in the access network.")
    integrations: Address = setting(
        "Where the instances' integrations reach it, in the third place; left out for the users' pages.",
        default="",
        optional=True,
    )


@dataclass(frozen=True)
class Replication:
    """How the databases of the failover instance follow those of production."""

    synchronous: bool = setting("Whether every commit waits until the failover site has it.")
    parameters: Mapping[str, Annotated[Mapping[str, Name], Said(names=r"^instance\.[a-z_]+$")]] = setting(
        "By site: the values that its instance goes by, as they stand in its database; a recovery procedure replaces "
        "those of the former production."
    )


@dataclass(frozen=True)
class EventExchange:
    """How twin instances share their events, and their collectors."""

    takeover_seconds: float = setting(
        "How long an instance may be silent before the other acts upon its events.", above=0
    )
    interval_factor: float = setting("How many times longer the intervals of each twin collector are.", least=1)
    events_per_second: float = setting("What each collector would send alone, with a factor of 1.", least=0)
    collectors: Mapping[str, tuple[str, ...]] = setting(
        "By site: its collectors; those in the same place of each list are twins."
    )
    untwinned: tuple[str, ...] = setting(
        "The collectors that have no twin: each sends to one instance and, while that is down, to the other.",
        default=(),
        later=True,
    )


@dataclass(frozen=True)
class Timers:
    """Every timer that bounds a recovery; predictions are derived from them."""

    lease_seconds: float = setting("How long the active DPS may go without renewing its lease.", above=0)
    renew_seconds: float = setting("How often the active DPS renews its lease.", above=0)
    service_start_seconds: float = setting(
        "How long the services of a DPS take to start, beyond what the stand-in itself needs.", least=0
    )
    check_interval_seconds: float = setting("How often a load balancer checks each gateway.", above=0)
    check_fall: int = setting("After how many failed checks in a row a gateway gets no more requests.", least=1)
    vrrp_advert_seconds: float = setting("How often the holder of the virtual IPs says that it is there.", above=0)
    retention_seconds: int | None = setting(
        "How long what was stored is kept: no timer of a recovery, but a drill needs its ledger for longer than it "
        "lasts.",
        default=None,
        least=60,
        optional=True,
    )
    database_lease_seconds: float = setting(
        "With a database cluster: how long a primary that is not heard of stays primary.",
        default=0,
        above=0,
        optional=True,
    )
    database_loop_wait_seconds: float = setting(
        "With a database cluster: how often each member renews or looks.", default=0, above=0, optional=True
    )
    database_retry_timeout_seconds: float = setting(
        "With a database cluster: how long a member tries to reach the configuration store.",
        default=0,
        above=0,
        optional=True,
    )
    database_primary_start_timeout_seconds: float | None = setting(
        "With a database cluster: how long a crashed primary may take to start before a standby is promoted.",
        default=None,
        least=0,
        optional=True,
    )
    site_check_interval_seconds: float = setting(
        "With a global load balancer: how often it checks each site.", default=0, above=0, optional=True
    )
    site_check_fall: int = setting(
        "With a global load balancer: after how many failed checks a site counts as down.",
        default=0,
        least=1,
        optional=True,
    )


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What a stack exports about itself as its output `inventory`.

    Everything that the CLI and the drills need to know of a lab. It holds no secret.
    """

    schema_version: Version = setting(
        "Version of this form; raised when a reader of the former version could misread it."
    )
    lab: str = setting("Name of the lab, which is the stack's.", pattern="^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,39}$")
    pattern: PatternName = setting("The redundancy pattern that was built.")
    description: str = setting("One line for people; may be empty.")
    objectives: Objectives = setting()
    labels: Mapping[str, Name] = setting(
        "Labels that every container, network and volume of the lab carries: lab, pattern, and owner where it is "
        "known.",
        names=r"^io\.redundancy-lab\.[a-z]+$",
        needed=("io.redundancy-lab.lab", "io.redundancy-lab.pattern"),
    )
    networks: Mapping[str, Network] = setting(
        "The networks by short name: `access`, and one for each site and the third place.",
        needed=(ACCESS_NETWORK,),
        shortest=2,
    )
    sites: tuple[Site, ...] = setting(
        "The data centers, and the third place where there is one: the witness's, or the UCMDB's.", shortest=1
    )
    links: tuple[Link, ...] = setting("The links between each two places, as the topology declares them.")
    nodes: tuple[Node, ...] = setting("Every container of the lab.", shortest=1)
    virtual_ips: Mapping[str, Address] = setting(
        "Where clients go, collectors and users: the virtual IPs of the one site, or the global load balancer. Twin "
        "collectors go to those of their own site alone.",
        keys=("collectors", "users"),
        needed=("users",),
    )
    interfaces: tuple[Interface, ...] = setting(
        "The user interfaces at the wide-area load balancer of twin instances; empty elsewhere.", default=()
    )
    global_load_balancer: GlobalLoadBalancer | None = setting("Null where there is none.")
    replication: Replication | None = setting("Null where there is one instance.")
    event_exchange: EventExchange | None = setting("Null where there are no twins.")
    urls: Mapping[str, Annotated[tuple[Url, ...], Said(named="urls", shortest=1)]] = setting(
        "Ways in from this machine: the global load balancer, then each site's, in the order of their names. `users`: "
        "user pages. `usersTls`: the same by TLS, by way of each site's load balancers; where the topology has it. "
        "`management`: the management API, by way of each site's load balancers alone: it must answer whatever the "
        "global one does. `collectors`: what takes the events. With twin instances also the user interfaces "
        "that they share.",
        keys=(
            "users",
            "usersTls",
            "management",
            "collectors",
            *(str(kind) for kind in USER_INTERFACES if kind != "users"),
        ),
        needed=("users", "collectors", "management"),
    )
    timers: Timers = setting()
    automatic_failover: bool = setting(
        "Whether the topology declares the High Availability Controller on. It can be switched at run time: the "
        "management API says how it is now."
    )


def inventory(topology: Topology, names: Names, plan: AddressPlan) -> dict[str, Any]:
    """Return the inventory of a lab, as a document."""
    document: dict[str, Any] = model.written(described(topology, names, plan), for_people=False)
    return document


def described(topology: Topology, names: Names, plan: AddressPlan) -> Inventory:
    """Return the inventory of a lab."""
    balancer, third = topology.global_load_balancer, topology.third_place
    return Inventory(
        schema_version=SCHEMA_VERSION,
        lab=topology.name,
        pattern=topology.pattern,
        description=topology.description,
        objectives=topology.objectives,
        labels=names.labels(),
        networks={key: Network(names.network(key), str(subnet.network)) for key, subnet in plan.subnets.items()},
        sites=(
            *(Site(site.name, False, _entry(plan.virtual_ips(site.name))) for site in topology.sites),
            *([Site(third.name, True)] if third else []),
        ),
        links=tuple(Link(**{one.name: getattr(link, one.name) for one in fields(link)}) for link in topology.links),
        nodes=tuple(_node(node, topology, names, plan) for node in topology.nodes),
        # Twin collectors go to their own site alone: nothing takes them in before the sites.
        virtual_ips={"users": plan.entry.users} if topology.traits.active_active else _entry(plan.entry),
        interfaces=tuple(_interface(kind, addresses) for kind, addresses in plan.interfaces.items()),
        global_load_balancer=GlobalLoadBalancer(
            balancer.node.name,
            balancer.active_site,
            balancer.automatic,
            tuple(Nearest(network, site) for network, site in plan.nearest),
        )
        if balancer
        else None,
        replication=Replication(
            topology.replication.synchronous, {site.name: parameters(names, plan, site) for site in topology.sites}
        )
        if topology.replication
        else None,
        event_exchange=_exchange(topology),
        urls=_urls(topology, plan),
        timers=_timers(topology),
        automatic_failover=topology.controller.automatic_failover,
    )


def _entry(entry: EntryPoint) -> dict[str, str]:
    return {"collectors": entry.collectors, "users": entry.users}


def _interface(kind: str, addresses: Mapping[str, str]) -> Interface:
    integrations = [address for network, address in addresses.items() if network != ACCESS_NETWORK]
    return Interface(str(kind), USER_INTERFACES[kind], addresses[ACCESS_NETWORK], *integrations[:1])


def _node(node: declared.Node, topology: Topology, names: Names, plan: AddressPlan) -> Node:
    return Node(
        node.name,
        node.role,
        plan.site_of(node),
        names.container(node.name),
        plan.addresses(node),
        memory_mebibytes=node.resources.memory_mebibytes,
        image_role=topology.image_role(node),
        image=topology.image_of(node),
        network_class=node.resources.network_class,
        storage_class=node.resources.storage_class,
    )


def _exchange(topology: Topology) -> EventExchange | None:
    if topology.event_exchange is None:
        return None
    collectors = topology.collectors
    return EventExchange(
        topology.event_exchange.takeover_seconds,
        collectors.interval_factor,
        collectors.events_per_second,
        {
            site.name: tuple(node.name for node in collectors.nodes if topology.twin_site(node) == site)
            for site in topology.sites
        },
        tuple(node.name for node in topology.untwinned),
    )


def _urls(topology: Topology, plan: AddressPlan) -> dict[str, tuple[str, ...]]:
    load_balancers = [node for site in topology.sites for node in site.load_balancers.nodes]
    balancer, scheme = topology.global_load_balancer, topology.encryption.scheme
    before = [balancer.node] if balancer else []
    fronts = {
        "users": [*before, *load_balancers],
        # Twin instances have collectors of their own, which no load balancer spreads over the sites.
        "collectors": [*([] if topology.traits.active_active else before), *load_balancers],
    }
    fronts |= {str(kind): before for kind in plan.interfaces if kind not in fronts}
    return {
        **{kind: _published(plan, nodes, kind, scheme) for kind, nodes in fronts.items()},
        **({"usersTls": _published(plan, load_balancers, "usersTls", "https")} if topology.user_interface.tls else {}),
        "management": _published(plan, load_balancers, "users", scheme),
    }


def _published(plan: AddressPlan, nodes: list[declared.Node], kind: str, scheme: str) -> tuple[str, ...]:
    return tuple(f"{scheme}://127.0.0.1:{plan.published_port(node, kind)}" for node in nodes)


def _timers(topology: Topology) -> Timers:
    """Every timer that bounds a recovery, from the first site (all sites of a pattern have the same)."""
    site, cluster, balancer = topology.sites[0], topology.database_cluster, topology.global_load_balancer
    of_the_cluster = {f"database_{name}": getattr(cluster, name) for name in _CLUSTER_TIMERS}
    of_the_balancer = {f"site_{name}": getattr(balancer, name) for name in _BALANCER_TIMERS} if balancer else {}
    return Timers(
        topology.controller.lease_seconds,
        topology.controller.renew_seconds,
        site.data_processing_servers.service_start_seconds,
        site.load_balancers.check_interval_seconds,
        site.load_balancers.check_fall,
        site.load_balancers.vrrp_advert_seconds,
        retention_seconds=topology.retention_seconds,
        **(of_the_cluster if topology.etcd_nodes else {}),
        **of_the_balancer,
    )


_CLUSTER_TIMERS = ("lease_seconds", "loop_wait_seconds", "retry_timeout_seconds", "primary_start_timeout_seconds")
_BALANCER_TIMERS = ("check_interval_seconds", "check_fall")
