"""The final read of a drill: the contents of the databases once no event waits any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from redlab.drills.record import Record
from redlab.measure.others import account
from redlab.model.inventory import Inventory, Node
from redlab.probes import gateway_queue, log_instants, other_data
from redlab.probes.clock import Clock
from redlab.probes.stored_events import holder, lease_terms, stored_events
from redlab.probes.stored_kinds import stored_kinds
from redlab.waiting import until

DRAIN_SECONDS = 60


class FinalRead:
    """The final read of a lab; its findings go into ``record``."""

    def __init__(self, inventory: Inventory, record: Record, clock: Clock, say: Callable[[str], None]) -> None:
        self._inventory = inventory
        self._record = record
        self._clock = clock
        self._say = say

    def run(self) -> None:
        """Read the databases once everything that waits has been processed."""
        record, since = self._record, self.drain()
        server = holder(self._inventory)
        self._account_for_others(since, [server])
        record.events = stored_events(server, self._clock, record.drill_id)
        if record.history:
            record.others = stored_kinds(self._inventory, server, self._clock, record.history)
        record.read_at = time.monotonic()
        record.lease_terms = lease_terms(server, self._clock)
        self._read_logs()

    def drain(self) -> float:
        """Wait until nothing is left in the gateways of what was there when this began, which it returns."""
        since = time.monotonic()

        def left() -> tuple[str, ...]:
            return gateway_queue.waiting(self._inventory, time.monotonic() - since)

        until(lambda: not left(), DRAIN_SECONDS, 0.25)
        self._record.stuck = left()
        for line in self._record.stuck:
            self._say(f"the queue did not drain, what is left in it counts as lost: {line}")
        return since

    def _read_logs(self) -> None:
        record, target, fault_at = self._record, self._record.scenario.target, self._record.fault_at
        if fault_at is None:
            return
        if target.given_up:
            record.detected_at = log_instants.gateway_given_up(self._inventory, self._clock, record.target, fault_at)
        if target.addresses_move:
            record.rerouted_at = log_instants.virtual_ip_taken(self._inventory, self._clock, fault_at)

    def _account_for_others(self, until_: float, servers: Sequence[Node]) -> None:
        """Look for what others than the load were told is safe, from the drill's start until an instant."""
        record = self._record
        acknowledged = other_data.acknowledged(self._inventory, record.watched_since, until_)
        found = other_data.accounted(self._inventory, servers, record.held | acknowledged)
        record.other_data = account(record.held, acknowledged, found)
