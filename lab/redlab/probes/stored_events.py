"""The final read: what the database holds of a drill's events, and who held the lease."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Inventory
from redlab.measure.primaries import LeaseTerm
from redlab.measure.stored_event import StoredEvent
from redlab.probes import database
from redlab.probes.clock import Clock


def stored_events(inventory: Inventory, clock: Clock, collector_id: str) -> list[StoredEvent]:
    """Return every stored event of a collector, duplicates included."""
    rows = _query(
        inventory,
        "SELECT collector, seq, gateway, extract(epoch FROM accepted_at), extract(epoch FROM processed_at), dps, epoch "
        "FROM events WHERE collector = current_setting('redlab.collector') ORDER BY processed_at",
        {"PGOPTIONS": f"-c redlab.collector={collector_id}"},
    )
    return [
        StoredEvent(
            collector,
            int(seq),
            gateway,
            clock.monotonic(float(accepted)),
            clock.monotonic(float(processed)),
            dps,
            int(epoch),
        )
        for collector, seq, gateway, accepted, processed, dps, epoch in rows
    ]


def lease_terms(inventory: Inventory, clock: Clock) -> list[LeaseTerm]:
    """Return the history of the lease, oldest epoch first."""
    rows = _query(
        inventory,
        "SELECT epoch, dps, reason, extract(epoch FROM acquired_at), extract(epoch FROM active_at) "
        "FROM lease_history ORDER BY epoch",
    )
    return [
        LeaseTerm(
            int(epoch),
            dps,
            reason,
            clock.monotonic(float(acquired)),
            clock.monotonic(float(active)) if active else None,
        )
        for epoch, dps, reason, acquired, active in rows
    ]


def _query(inventory: Inventory, query: str, environment: Mapping[str, str] | None = None) -> list[list[str]]:
    server = database.primary(inventory)
    if server is None:
        raise RedlabError("no database server accepts writes: what is stored cannot be read")
    command = ["psql", "-X", "-q", "-U", "postgres", "-d", "event", "-c", f"COPY ({query}) TO STDOUT WITH (FORMAT csv)"]
    return list(csv.reader(io.StringIO(engine.execute(server, command, environment))))
