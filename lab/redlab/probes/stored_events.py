"""The final read: what the database holds of a drill's events, and who held the lease."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from redlab.errors import RedlabError
from redlab.measure.primaries import LeaseTerm
from redlab.measure.stored_event import StoredEvent
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.probes.clock import Clock


def stored_events(server: Node, clock: Clock, collector_id: str) -> list[StoredEvent]:
    """Return every event of a collector that a database server holds, duplicates included."""
    return stored_rows(server, clock, collector_id, "event")


TABLES: Mapping[str, tuple[str, str]] = {
    "event": ("event", "events"),
    "metric": ("profile", "metrics"),
    "topology": ("rtsm", "topology_log"),
}
"""Where each kind is stored: database and table, which have the same columns as far as they are read here."""


def stored_rows(server: Node, clock: Clock, collector_id: str, kind: str) -> list[StoredEvent]:
    """Return everything of a kind that a database server holds of a collector, duplicates included."""
    name, table = TABLES[kind]
    rows = query(
        server,
        "SELECT collector, seq, gateway, extract(epoch FROM accepted_at), extract(epoch FROM processed_at), dps, epoch "  # noqa: S608 - constants
        f"FROM {table} WHERE collector = current_setting('redlab.collector') ORDER BY processed_at",
        {"PGOPTIONS": f"-c redlab.collector={collector_id}"},
        name,
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


def lease_terms(server: Node, clock: Clock) -> list[LeaseTerm]:
    """Return the history of the lease, oldest epoch first."""
    rows = query(
        server,
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


def holder(inventory: Inventory) -> Node:
    """Return the server that has the events of a lab with one serving instance. Raises RedlabError without one."""
    server = database.primary(inventory)
    if server is None:
        raise RedlabError("no database server accepts writes: what is stored cannot be read")
    return server


def query(
    server: Node, text: str, environment: Mapping[str, str] | None = None, name: str = "event"
) -> list[list[str]]:
    """Return the rows of a query in the database ``name`` of a server.

    Raises RedlabError when it does not answer.
    """
    copy = f"COPY ({text}) TO STDOUT WITH (FORMAT csv)"
    return list(csv.reader(io.StringIO(database.query(server, name, copy, environment))))
