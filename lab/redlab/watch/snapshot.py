"""One look at a lab: nodes, services, databases, queues, links, where clients go, and what is broken on purpose."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from redlab.control import global_load_balancer, router
from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.errors import RedlabError
from redlab.faults import journal
from redlab.model.inventory import Inventory, Node
from redlab.probes import gateway_queue, replication
from redlab.probes.node_state import NodeState, node_states
from redundancy.roles import Role

Answer = TypeVar("Answer")
PARALLEL = 8


@dataclass(frozen=True)
class Services:
    """Who serves in an instance (``site`` is None where there is one); state is unknown while nobody answers."""

    site: str | None
    state: str
    active: str | None
    assigned_to: str | None
    epoch: int
    automatic_failover: bool | None


@dataclass(frozen=True)
class Database:
    """A database server of two instances: primary, standby, or no answer; how far behind the standby is, in seconds."""

    node: str
    role: str
    behind_seconds: float | None


@dataclass(frozen=True)
class Queue:
    """The events that wait in a gateway; None while it does not answer."""

    node: str
    pending_events: int | None


@dataclass(frozen=True)
class Link:
    """A link between two places: its round trip now, what is not as declared, and bytes forwarded so far.

    ``cut``: whether a direction is; the round trip is None where the router does not answer.
    """

    name: str
    sites: tuple[str, str]
    round_trip_milliseconds: float | None
    cut: bool
    differences: str
    forwarded_bytes: int | None


@dataclass(frozen=True)
class Fault:
    """A fault that was made on purpose, and the seconds until it ends by itself."""

    kind: str
    node: str
    ends_in_seconds: float


@dataclass(frozen=True)
class Snapshot:
    """A lab at one moment (``at``: ISO 8601). ``active_site`` is None without a global load balancer that answers."""

    at: str
    lab: str
    pattern: str
    rto_objective_seconds: float
    rpo_objective_events: int
    sites: tuple[str, ...]
    active_site: str | None
    nodes: tuple[NodeState, ...]
    services: tuple[Services, ...]
    databases: tuple[Database, ...]
    queues: tuple[Queue, ...]
    links: tuple[Link, ...]
    faults: tuple[Fault, ...]

    def document(self) -> dict[str, Any]:
        """Return the snapshot as JSON values."""
        return asdict(self)


def look(lab: Laboratory) -> Snapshot:
    """Look at everything at once; what does not answer is shown so, and stops nothing.

    Raises RedlabError when the Docker engine itself does not answer.
    """
    inventory = lab.inventory
    sites: tuple[str | None, ...] = inventory.data_centers if inventory.active_active else (None,)
    servers = inventory.of_role(Role.DATABASE) if inventory.replicated else ()
    with ThreadPoolExecutor(PARALLEL) as pool:
        nodes = pool.submit(node_states, inventory)
        services = [pool.submit(_services, one, site) for one, site in zip(lab.managements, sites, strict=True)]
        databases = [pool.submit(_database, node) for node in servers]
        queues = [pool.submit(_queue, node) for node in inventory.of_role(Role.GATEWAY)]
        links = pool.submit(_links, inventory)
        active: Future[str | None] = pool.submit(_answered, lambda: global_load_balancer.active_site(inventory))
    return Snapshot(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        lab=inventory.lab,
        pattern=inventory.pattern,
        rto_objective_seconds=inventory.objectives.rto_seconds,
        rpo_objective_events=inventory.objectives.rpo_events,
        sites=tuple(site.name for site in inventory.sites),
        active_site=active.result(),
        nodes=tuple(nodes.result()),
        services=tuple(one.result() for one in services),
        databases=tuple(one.result() for one in databases),
        queues=tuple(one.result() for one in queues),
        links=links.result(),
        faults=tuple(
            Fault(entry.kind, entry.node, max(0.0, entry.expires_at - time.monotonic()))
            for entry in journal.entries(inventory.lab)
        ),
    )


def _services(management: Management, site: str | None) -> Services:
    health = management.reachable_health()
    if health is None:
        return Services(site, "unknown", None, None, 0, None)
    found = health.services
    return Services(site, found.state, found.active, found.assigned_to, found.epoch, health.automatic_failover)


def _database(node: Node) -> Database:
    role = replication.role(node)
    if role is None:
        return Database(node.name, "no answer", None)
    return Database(node.name, "standby" if role.standby else "primary", role.replay_lag_seconds)


def _queue(node: Node) -> Queue:
    return Queue(node.name, _answered(lambda: int(gateway_queue.state(node)["pending_events"])))


def _links(inventory: Inventory) -> tuple[Link, ...]:
    found = _answered(lambda: router.state(inventory)) if router.node(inventory) else None
    if found is None:
        return tuple(Link(link.name, link.sites, None, False, "", None) for link in inventory.links)
    return tuple(
        Link(
            link.name,
            link.sites,
            link.current.round_trip_milliseconds,
            bool(link.cuts),
            link.differences,
            sum(each.bytes for each in link.forwarded),
        )
        for link in found.links
    )


def _answered(question: Callable[[], Answer]) -> Answer | None:
    try:
        return question()
    except (RedlabError, ValueError):
        return None
