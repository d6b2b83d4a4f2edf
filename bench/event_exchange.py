"""Events of twin instances, from both collectors to the last confirmation, against plain inserts of as many events."""

from __future__ import annotations

import time
import uuid
from typing import Any

from bench.ingest import direct_inserts
from bench.statistics import ratio
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.output import say
from redlab.probes import exchange
from redlab.waiting import until
from redundancy.roles import Role

EVENTS = 6000
OFFERED_PER_SECOND = 1500
BATCH_EVENTS = 20
DEADLINE_SECONDS = 120


def measure(inventory: Inventory) -> dict[str, Any]:
    """Send more than can be exchanged; the rate counts events that both instances know and all actions are done for."""
    _offer(inventory, "warm", EVENTS // 6)
    before = exchange.sent_bytes(inventory)
    took_seconds = _offer(inventory, "twins", EVENTS)
    told = exchange.sent_bytes(inventory) - before
    rate = round(EVENTS / took_seconds, 1)
    say(f"event exchange: {rate} twin events/s")
    direct = direct_inserts(inventory)
    return {
        "events": EVENTS,
        "offered_per_second": OFFERED_PER_SECOND,
        "twin_events_per_second": rate,
        "link_bytes_per_event": round(told / EVENTS, 1),
        "direct": direct,
        "twins_over_direct": ratio(rate, direct["events_per_second"]),
    }


def _offer(inventory: Inventory, name: str, events: int) -> float:
    """Send events to both instances; return the seconds until none of them waits any more."""
    identity = f"bench-{name}-{uuid.uuid4().hex[:8]}"
    settings = LoadSettings(
        OFFERED_PER_SECOND,
        0,
        events / OFFERED_PER_SECOND,
        timeout_seconds=30,
        batch_events=BATCH_EVENTS,
        only_events=True,
    )
    described = inventory.event_exchange
    if described is None:
        raise RedlabError(f"lab {inventory.lab} has no twin instances")
    loads = [Load(inventory.node(names[0]), identity, settings) for names in described.collectors.values()]
    started = time.monotonic()
    with loads[0], loads[1]:
        if not until(lambda: all(load.ended for load in loads), DEADLINE_SECONDS, 0.1):
            raise RedlabError("the load did not end")
    for load in loads:
        sent = sum(op.events for op in load.history().operations if op.outcome == "ok")
        if sent != events:
            raise RedlabError(f"{sent} of {events} events were acknowledged")

    def everything() -> bool:
        known = [len(exchange.shared_records(server, identity)) for server in inventory.of_role(Role.DATABASE)]
        return min(known) == events and exchange.open_events(inventory, identity) == 0

    if not until(everything, DEADLINE_SECONDS, 0.2):
        raise RedlabError(f"after {DEADLINE_SECONDS} s events still wait for their exchange")
    return time.monotonic() - started
