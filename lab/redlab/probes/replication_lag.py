"""How far the failover instance is behind with what a load sent, at one moment."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from redlab.errors import RedlabError
from redlab.measure.replication import Lag
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, gateway_queue, replication
from redlab.probes.stored_events import TABLES
from redlab.probes.stored_kinds import PREFIX, by_integrations, exists, last_said
from redundancy.roles import Role


def read(inventory: Inventory, collector_id: str) -> Lag:
    """Read it, of the events, metrics and topology of one collector. Raises RedlabError when a server does not answer.

    An event moves from a gateway's queue to production and from there to the standby. So they are read in that order,
    but the standby before production: whatever moves meanwhile is counted, twice rather than not at all.
    """
    primary = database.primary(inventory)
    if primary is None:
        raise RedlabError("no database server accepts writes: how far the other one is behind cannot be read")
    (standby,) = (node for node in inventory.of_role(Role.DATABASE) if node != primary)
    at = time.monotonic()
    queued = gateway_queue.pending_events(inventory)
    behind = _behind(inventory, standby, primary, collector_id)
    said, told = replication.role(standby), replication.role(primary)
    if said is None or told is None:
        raise RedlabError("the database servers do not say how far they are")
    return Lag(at, queued, behind, max(0, told.written_bytes - (said.replayed_bytes or 0)))


def _behind(inventory: Inventory, standby: Node, primary: Node, collector_id: str) -> int:
    """How many items production has and the standby does not, which is read first."""
    told = last_said(standby, collector_id) if by_integrations(inventory) else {}
    counted = [kind for kind in TABLES if kind != "topology" or not by_integrations(inventory)]
    there = sum(_count(standby, kind, collector_id) for kind in counted)
    here = sum(_count(primary, kind, collector_id, told if kind == "topology" else None) for kind in TABLES)
    return here - there


def _count(server: Node, kind: str, collector_id: str, told: Mapping[str, int] | None = None) -> int:
    """How many items of a kind a server has, without what is ``told`` of its configuration item."""
    name, table = TABLES[kind]
    text = f"SELECT count(*) FROM {table} WHERE collector = '{collector_id}'"  # noqa: S608 - names of our own
    if told:
        text += f" AND seq > coalesce(('{json.dumps(told)}'::jsonb ->> substr(name, {len(PREFIX) + 1}))::bigint, -1)"
    if kind != "event" and not exists(server, kind):
        return 0
    return int(database.query(server, name, text))
