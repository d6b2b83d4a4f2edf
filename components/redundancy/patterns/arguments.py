"""Typed arguments of the patterns: the topology document's shape, in Python's spelling.

Every value and default is described in ``schemas/topology.schema.json``, which also checks it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from redundancy.model import snake_case


class ResourcesArgs(TypedDict):
    """Limits of each container of a pool."""

    memory_mebibytes: NotRequired[int]
    """Memory limit in MiB; there is no swap."""
    cpu_shares: NotRequired[int]
    """CPU weight; 1024 is one share."""
    network_class: NotRequired[str]
    """What network performance the nodes have, in free words, compared within a pool and between the sites."""
    storage_class: NotRequired[str]
    """What storage performance the nodes have, compared as well."""


class NodeArgs(TypedDict):
    """A single node of a pool."""

    image: NotRequired[str]
    """Its own image, while an upgrade goes node by node."""


class GatewaysArgs(TypedDict):
    """Gateway servers of a site."""

    count: NotRequired[int]
    """1 to 3, by default 2."""
    queue_limit_events: NotRequired[int]
    """Events that a gateway holds while no data processing server takes them."""
    queue_limit_mebibytes: NotRequired[int]
    """What these may take of its volume."""
    resources: NotRequired[ResourcesArgs]
    """Limits, the same for every node of the pool."""
    nodes: NotRequired[dict[str, NodeArgs]]
    """Single nodes by name, for example ``gw1``."""


class DataProcessingServersArgs(TypedDict):
    """Data processing servers of a site."""

    count: NotRequired[int]
    """1 or 2, by default 2."""
    service_start_seconds: NotRequired[float]
    """How long the services take to start on a server that takes over."""
    resources: NotRequired[ResourcesArgs]
    """Limits, the same for every node of the pool."""
    nodes: NotRequired[dict[str, NodeArgs]]
    """Single nodes by name, for example ``gw1``."""


class LoadBalancersArgs(TypedDict):
    """Load balancers of a site."""

    count: NotRequired[int]
    """1 or 2, by default 2."""
    check_interval_seconds: NotRequired[float]
    """HAProxy's check interval for each gateway."""
    check_fall: NotRequired[int]
    """Failed checks until a gateway counts as down."""
    vrrp_advert_seconds: NotRequired[float]
    """keepalived's advertisement interval."""
    resources: NotRequired[ResourcesArgs]
    """Limits, the same for every node of the pool."""
    nodes: NotRequired[dict[str, NodeArgs]]
    """Single nodes by name, for example ``gw1``."""


class DatabaseArgs(TypedDict):
    """The logical database."""

    availability: NotRequired[str]
    """``single``: one PostgreSQL server; ``cluster``: PostgreSQL under Patroni, with etcd."""
    port: NotRequired[int]
    """Where the server listens; each of two instances may have its own."""
    user: NotRequired[str]
    """As whom the site's nodes log in; each of two instances may have its own."""
    resources: NotRequired[ResourcesArgs]
    """Limits of the server."""
    nodes: NotRequired[dict[str, NodeArgs]]
    """Single servers by name, for example ``db1``, ``etcd2``."""


class SiteImagesArgs(TypedDict):
    """Images of the nodes of one site, where they differ from the other sites'."""

    gateway: NotRequired[str]
    data_processing_server: NotRequired[str]
    load_balancer: NotRequired[str]
    database: NotRequired[str]
    database_cluster: NotRequired[str]
    etcd: NotRequired[str]


class SiteArgs(TypedDict):
    """One data center."""

    images: NotRequired[SiteImagesArgs]
    gateways: NotRequired[GatewaysArgs]
    data_processing_servers: NotRequired[DataProcessingServersArgs]
    load_balancers: NotRequired[LoadBalancersArgs]
    database: NotRequired[DatabaseArgs]


class ObjectivesArgs(TypedDict):
    """What drills are judged against."""

    rto_seconds: NotRequired[float]
    """Longest outage of any service, in seconds."""
    rpo_events: NotRequired[int]
    """Acknowledged events that may be lost."""


class ControllerArgs(TypedDict):
    """The High Availability Controller."""

    automatic_failover: NotRequired[bool]
    """Whether it is on when the lab is new."""
    lease_seconds: NotRequired[float]
    """How long the active server may go without renewing its lease."""
    renew_seconds: NotRequired[float]
    """How often it renews."""


class CollectorsArgs(TypedDict):
    """Collector containers."""

    count: NotRequired[int]
    """1 to 4, by default 1."""
    events_per_second: NotRequired[float]
    """The steady trickle of each."""
    interval_factor: NotRequired[int]
    """Business Continuity: how many times longer the intervals of each twin are; 1 or 2."""
    untwinned: NotRequired[int]
    """Business Continuity: how many more there are without a twin, 0 to 2."""


class DatabaseClusterArgs(TypedDict):
    """Timers of a database cluster (Patroni)."""

    lease_seconds: NotRequired[int]
    """How long a primary that is not heard of stays primary; at least 20."""
    loop_wait_seconds: NotRequired[int]
    """How often each member renews or looks."""
    retry_timeout_seconds: NotRequired[int]
    """How long a member tries to reach the configuration store."""
    primary_start_timeout_seconds: NotRequired[int]
    """How long a crashed primary may take to start again before a standby is promoted."""
    kept_log_mebibytes: NotRequired[int]
    """How much of its log a primary keeps for a standby that is away."""
    etcd_resources: NotRequired[ResourcesArgs]
    """Limits of each member of the configuration store."""


class UserInterfaceArgs(TypedDict):
    """How users reach the gateways by the load balancers of a site."""

    tls: NotRequired[bool]
    """Whether they may also come by TLS; it needs ``user_certificate``."""
    persistence: NotRequired[str]
    """``source`` (the default) or ``cookie``: what keeps a user at his gateway."""


class EncryptionArgs(TypedDict):
    """What goes over TLS between nodes, by certificates of the lab's own authority."""

    databases: NotRequired[bool]
    """Whether sessions with the database servers and their replication do; by default they do."""


class WitnessArgs(TypedDict):
    """The third place."""

    site: NotRequired[str]
    """Its name; neither of the sites."""
    resources: NotRequired[ResourcesArgs]
    """Limits of its member of the configuration store."""


class LinkArgs(TypedDict):
    """The way between two places, both directions alike."""

    distance_kilometers: NotRequired[float]
    """Length of the fiber."""
    round_trip_milliseconds: NotRequired[float]
    """Latency there and back."""
    jitter_milliseconds: NotRequired[float]
    """How much longer a packet may take, in each direction."""
    loss_percent: NotRequired[float]
    """Packets lost, in each direction."""
    bandwidth_megabits_per_second: NotRequired[float]
    """Bandwidth of each direction; 0: not limited."""


class ReplicationArgs(TypedDict):
    """How the databases of the failover instance follow those of production."""

    mode: NotRequired[str]
    """``asynchronous`` (the default) or ``synchronous``."""
    kept_log_mebibytes: NotRequired[int]
    """How much of its log production keeps for a failover instance that is away."""


class IntegrationArgs(TypedDict):
    """A way that topology takes between two stores: ``ucmdb1``, …, or the RTSM of a site by the site's name."""

    source: str
    target: str
    type: str
    """``population`` (the target pulls), ``push`` (the source sends) or ``federation`` (asked when asked)."""
    item_types: NotRequired[list[str]]
    """Only configuration items of these types; by default all."""
    interval_seconds: NotRequired[float]
    """How often it looks for changes."""


class UcmdbArgs(TypedDict):
    """The topology system of record, in a third place."""

    site: NotRequired[str]
    """The name of its place; neither of the sites."""
    count: NotRequired[int]
    """Its stages; the first is the master of global ids."""
    integrations: NotRequired[list[IntegrationArgs]]
    """By default each stage feeds the next one, the last one the RTSMs, and what is new goes the other way."""
    resources: NotRequired[ResourcesArgs]
    """Limits of each server."""


class EventExchangeArgs(TypedDict):
    """How twin instances share their events."""

    takeover_seconds: NotRequired[float]
    """How long the other instance may be silent before this one acts upon its events."""


class ServiceDeskArgs(TypedDict):
    """Service Manager and Operations Orchestration, in the UCMDB's place."""

    resources: NotRequired[ResourcesArgs]
    """Limits of each."""
    database_resources: NotRequired[ResourcesArgs]
    """Limits of their database server."""


class GlobalLoadBalancerArgs(TypedDict):
    """The load balancer before the sites."""

    active_site: NotRequired[str]
    """The site that gets the clients, by default the first by name; with twins also ``nearest`` or ``spread``."""
    automatic: NotRequired[bool]
    """Whether clients go to the other site by themselves while the active one does not answer."""
    check_interval_seconds: NotRequired[float]
    """How often it checks each site."""
    check_fall: NotRequired[int]
    """Failed checks until a site counts as down."""
    clients: NotRequired[dict[str, list[str]]]
    """With twins, by site: collectors and networks that are nearest to it."""
    own_addresses: NotRequired[bool]
    """With twins: whether each user interface has an address of its own."""
    resources: NotRequired[ResourcesArgs]
    """Its limits."""


class ImagesArgs(SiteImagesArgs):
    """Images that take the place of the stand-ins (docs/container-contract.md)."""

    wan_router: NotRequired[str]
    global_load_balancer: NotRequired[str]
    ucmdb: NotRequired[str]
    service_manager: NotRequired[str]
    operations_orchestration: NotRequired[str]
    collector: NotRequired[str]


class PatternArgs(TypedDict):
    """Arguments that every pattern has."""

    sites: dict[str, SiteArgs]
    """The sites by name, for example ``{"dc1": {"gateways": {"count": 3}}}``."""
    database_password: pulumi.Input[str]
    """Password of the database role ``redlab``; kept secret."""
    admin_token: pulumi.Input[str]
    """Bearer token of the management API; kept secret."""
    internal_secret: pulumi.Input[str]
    """What protects nodes from each other (replication, Patroni) is derived from it; no node has it. Kept secret."""
    description: NotRequired[str]
    objectives: NotRequired[ObjectivesArgs]
    high_availability_controller: NotRequired[ControllerArgs]
    collectors: NotRequired[CollectorsArgs]
    database_cluster: NotRequired[DatabaseClusterArgs]
    user_interface: NotRequired[UserInterfaceArgs]
    encryption: NotRequired[EncryptionArgs]
    user_certificate: NotRequired[pulumi.Input[str]]
    """PEM: private key, certificate, and those of its authorities; with ``user_interface.tls``. Kept secret."""
    images: NotRequired[ImagesArgs]
    address_pool: NotRequired[str]
    """A private /20; by default one derived from the lab's name."""
    health_check_interval_seconds: NotRequired[int]
    retention_seconds: NotRequired[int]
    """How long what is stored is kept; by default seven days."""
    owner: NotRequired[str]
    """Tells this lab from one of the same name made elsewhere: a label on everything it makes."""


class HighAvailabilityArgs(PatternArgs):
    """Arguments of the pattern High Availability."""


class DistributedHighAvailabilityArgs(PatternArgs):
    """Arguments of the pattern Distributed High Availability."""

    witness: NotRequired[WitnessArgs]
    links: NotRequired[dict[str, LinkArgs]]
    """By the names of both places in alphabetical order, for example ``dc1-dc2``."""
    global_load_balancer: NotRequired[GlobalLoadBalancerArgs]


class DisasterRecoveryArgs(PatternArgs):
    """Arguments of the pattern Disaster Recovery."""

    links: NotRequired[dict[str, LinkArgs]]
    """By the names of both sites in alphabetical order, for example ``dc1-dc2``."""
    global_load_balancer: NotRequired[GlobalLoadBalancerArgs]
    replication: NotRequired[ReplicationArgs]
    ucmdb: NotRequired[UcmdbArgs]
    """With it the topology databases are not replicated but kept by a UCMDB, and the others logically."""


class BusinessContinuityArgs(PatternArgs):
    """Arguments of the pattern Business Continuity."""

    links: NotRequired[dict[str, LinkArgs]]
    """By the names of both places in alphabetical order, for example ``dc1-dc2``."""
    global_load_balancer: NotRequired[GlobalLoadBalancerArgs]
    ucmdb: NotRequired[UcmdbArgs]
    """The master of global ids; its place has the service desk as well."""
    event_exchange: NotRequired[EventExchangeArgs]
    service_desk: NotRequired[ServiceDeskArgs]


# Not part of the document: they are wiring, or say where the document is used.
_WIRING = ("database_password", "admin_token", "internal_secret", "user_certificate", "owner")
_OF_NAMES = ("sites", "links")


def document(pattern: str, args: PatternArgs) -> dict[str, Any]:
    """Return the topology document that the arguments stand for."""
    given: dict[str, Any] = {key: value for key, value in args.items() if key not in _WIRING and value is not None}
    named = {key: _of_names(given.pop(key), _camel_case) for key in _OF_NAMES if key in given}
    return {"pattern": pattern, **_camel_case(given), **named}


def arguments(
    topology: Mapping[str, Any],
    database_password: pulumi.Input[str],
    admin_token: pulumi.Input[str],
    internal_secret: pulumi.Input[str],
    owner: str,
    address_pool: str,
) -> PatternArgs:
    """Return the arguments that a topology document stands for: the inverse of :func:`document`."""
    plain = {key: value for key, value in topology.items() if key not in ("pattern", *_OF_NAMES)}
    args: Any = {"address_pool": address_pool, **_snake_case(plain)}
    args |= {key: _of_names(topology[key], _snake_case) for key in _OF_NAMES if key in topology}
    args |= {"database_password": database_password, "admin_token": admin_token, "internal_secret": internal_secret}
    args["owner"] = owner
    made: PatternArgs = args
    return made


def _of_names(value: Any, spelled: Callable[[Any], Any]) -> Any:
    """Spell what belongs to each name otherwise; names of sites and links are data, and what is no mapping as well."""
    return {name: spelled(part) for name, part in value.items()} if isinstance(value, Mapping) else value


def _snake_case(value: Any) -> Any:
    if isinstance(value, list):
        return [_snake_case(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    return {snake_case(key): _snake_case(part) for key, part in value.items()}


def _camel_case(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_camel_case(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    return {
        re.sub(r"_([a-z])", lambda letter: letter[1].upper(), key) if isinstance(key, str) else key: _camel_case(part)
        for key, part in value.items()
    }
