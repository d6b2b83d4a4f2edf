"""The final read of a drill on twin instances: what both of them hold, and the service desk that they share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from redlab.drills import final_read
from redlab.drills.final_read import FinalRead
from redlab.drills.record import Record
from redlab.drills.storm import Storm
from redlab.measure.exchange import ExchangeRecord, InstanceRecord
from redlab.measure.history import History
from redlab.measure.stored_event import StoredEvent
from redlab.model.inventory import Inventory, Node
from redlab.probes import exchange
from redlab.probes.clock import Clock
from redlab.probes.stored_events import lease_terms, stored_events
from redlab.probes.stored_kinds import stored_kinds
from redlab.waiting import until
from redundancy.roles import Role

_TAKE_IN = (Role.GATEWAY, Role.LOAD_BALANCER)
"""Roles without which a site may take in nothing; the other one must not notice."""


@dataclass(frozen=True)
class Watched:
    """What was watched in the drill.

    ``histories``: of the load, by site.   ``hit``: the nodes that the fault has hit.   ``sessions``: of users who were
    logged in, and ``ended_sessions`` those that were disconnected.   ``link_bytes``: the instances' counter before.
    """

    histories: Mapping[str, History]
    hit: tuple[Node, ...]
    storm: Storm
    sessions: int
    ended_sessions: int
    link_bytes: int


class TwinRead(FinalRead):
    """The final read of a lab of twin instances; ``watched`` is asked for when nothing waits any more."""

    def __init__(
        self,
        inventory: Inventory,
        record: Record,
        clock: Clock,
        say: Callable[[str], None],
        watched: Callable[[], Watched],
    ) -> None:
        super().__init__(inventory, record, clock, say)
        self._watched = watched

    def run(self) -> None:
        """Read what both instances and the service desk hold, once nothing waits any more."""
        inventory, record = self._inventory, self._record
        since = self.drain()
        self._account_for_others(since, inventory.of_role(Role.DATABASE))
        if not until(lambda: exchange.open_events(inventory, record.drill_id) == 0, final_read.DRAIN_SECONDS, 0.25):
            waiting = exchange.open_events(inventory, record.drill_id)
            record.breach(f"{waiting} events still wait for their exchange, or for what is done upon them")
        watched = self._watched()
        instances = tuple(self._instance(site, watched) for site in watched.histories)
        # Metrics and topology are each twin's own: what its collector was told is safe is in its databases.
        record.others = [
            one
            for site, history in watched.histories.items()
            for one in stored_kinds(inventory, inventory.of_site(site, Role.DATABASE)[0], self._clock, history)
        ]
        record.read_at = time.monotonic()
        record.events = earliest([event for one in instances for event in one.events])
        record.exchange = ExchangeRecord(
            instances,
            tuple(exchange.actions(inventory, Role.SERVICE_MANAGER, record.drill_id)),
            tuple(exchange.actions(inventory, Role.OPERATIONS_ORCHESTRATION, record.drill_id)),
            acknowledged=frozenset(
                (op.collector_id, seq)
                for op in watched.storm.history().operations
                if op.outcome == "ok"
                for seq in op.numbers("event")
            ),
            sessions=watched.sessions,
            ended_sessions=watched.ended_sessions,
            moved=record.scenario.moves_users,
            link_bytes=max(0, exchange.sent_bytes(inventory) - watched.link_bytes),
        )

    def _instance(self, site: str, watched: Watched) -> InstanceRecord:
        (server,) = self._inventory.of_site(site, Role.DATABASE)
        identity = self._record.drill_id
        events = stored_events(server, self._clock, identity)
        if watched.storm.began:
            events += stored_events(server, self._clock, watched.storm.drill_id)
        stopped_at = self._record.load_stopped_at or 0.0
        return InstanceRecord(
            site,
            tuple(events),
            tuple(lease_terms(server, self._clock)),
            tuple(exchange.shared_records(server, identity)),
            sum(op.outcome != "ok" and op.completed < stopped_at for op in watched.histories[site].of("collect")),
            spared=site not in {node.site for node in watched.hit if node.role in _TAKE_IN},
        )


def earliest(events: Iterable[StoredEvent]) -> list[StoredEvent]:
    """Return each event of two instances once, as the one holds it that committed it first. Pure."""
    found: dict[tuple[str, int], StoredEvent] = {}
    for event in sorted(events, key=lambda event: event.processed_at):
        found.setdefault(event.key, event)
    return list(found.values())
