"""How far the failover instance is behind with the events of a load, at one moment."""

from __future__ import annotations

import time

from redlab.errors import RedlabError
from redlab.inventory import Inventory
from redlab.measure.replication import Lag
from redlab.probes import database, gateway_queue, replication


def read(inventory: Inventory, collector_id: str) -> Lag:
    """Read it, of the events of one collector. Raises RedlabError when a server does not answer.

    An event moves from a gateway's queue to production and from there to the standby. So they are read in that order,
    but the standby before production: whatever moves meanwhile is counted, twice rather than not at all.
    """
    primary = database.primary(inventory)
    if primary is None:
        raise RedlabError("no database server accepts writes: how far the other one is behind cannot be read")
    (standby,) = (node for node in inventory.of_role("database") if node != primary)
    at = time.monotonic()
    queued = gateway_queue.pending_events(inventory)
    count = f"SELECT count(*) FROM events WHERE collector = '{collector_id}'"  # noqa: S608 - a name of our own
    there, here = (int(database.query(node, "event", count)) for node in (standby, primary))
    said, told = replication.role(standby), replication.role(primary)
    if said is None or told is None:
        raise RedlabError("the database servers do not say how far they are")
    return Lag(at, queued, here - there, max(0, told.written_bytes - (said.replayed_bytes or 0)))
