"""What a topology is: frozen values, no defaults (the JSON Schema has them), no Pulumi, no Docker.

Built by :mod:`redundancy.loading` from a document that has passed the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """Limits of one container: memory in MiB (no swap), CPU weight (1024 is one share)."""

    memory_mebibytes: int
    cpu_shares: int


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
    """One container to be: its name in the lab (``gw1``), its role (a key of the schema's `images`), its limits."""

    name: str
    role: str
    resources: Resources

    @property
    def ordinal(self) -> int:
        """The number in the name, from 1."""
        return int(self.name.lstrip("abcdefghijklmnopqrstuvwxyz"))


@dataclass(frozen=True)
class GatewayPool:
    """The gateway servers of a site and how many events each queues at most."""

    nodes: tuple[Node, ...]
    queue_limit_events: int


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
class Database:
    """The logical database: how it is kept available (``single``) and its nodes."""

    availability: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Collectors:
    """Collector containers and the steady trickle of each, in events per second."""

    nodes: tuple[Node, ...]
    events_per_second: float


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
