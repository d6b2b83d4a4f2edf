"""Writes pulled events into the database `event`: once each, and only by the holder of the lease."""

from typing import Any

from redlab_node.database import Database, Session
from redlab_node.lease import SERVICE

_SECONDS = 5.0

# One statement, so one transaction and one round trip, and nothing stays open if this process hangs. FOR KEY SHARE lets
# renewals pass and makes a takeover (FOR UPDATE) wait; after a takeover the epoch no longer matches and nothing is
# written. An event that is already there, sent or pulled twice, is left as it is.
_WRITE = """
    WITH held AS (
        SELECT epoch FROM lease WHERE service = %(service)s AND holder = %(dps)s AND epoch = %(epoch)s FOR KEY SHARE
    ), written AS (
        INSERT INTO events (collector, seq, gateway, accepted_at, processed_at, dps, epoch, data)
        SELECT batch.request ->> 'collector', (event ->> 'seq')::bigint, %(gateway)s, to_timestamp(batch.accepted_at),
               clock_timestamp(), %(dps)s, held.epoch, event -> 'data'
        FROM held,
             jsonb_to_recordset(%(body)s::jsonb) AS batch (accepted_at float8, request jsonb),
             jsonb_array_elements(batch.request -> 'events') AS event
        ON CONFLICT (collector, seq) DO NOTHING
        RETURNING collector, seq
    ){sighted}
    SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM written)
"""
# Twin instances: in the same transaction, so that no event that is stored is forgotten by the exchange.
_SIGHTED = """, sighted AS (
        INSERT INTO sightings (collector, seq) SELECT collector, seq FROM written ON CONFLICT DO NOTHING
    )"""


class FencedError(Exception):
    """The lease is not this node's with this epoch any more; nothing was written."""


class Writer:
    """Writes what comes from one gateway, over a connection of its own."""

    def __init__(self, database: Database, node: str, gateway: str, *, shared: bool = False) -> None:
        """Take also the sightings of events that are ``shared`` with another instance."""
        self._statement = _WRITE.format(sighted=_SIGHTED if shared else "")
        self._session = Session(database, "event")
        self._node = node
        self._gateway = gateway

    async def write(self, body: str, epoch: int) -> int:
        """Commit a pulled chunk; returns how many events are new. Raises FencedError, psycopg.Error."""
        parameters = {
            "service": SERVICE,
            "dps": self._node,
            "epoch": epoch,
            "gateway": self._gateway,
            "body": body,
        }
        async with self._session.use(_SECONDS) as connection:
            row: Any = await (await connection.execute(self._statement, parameters)).fetchone()
        held, written = row
        if not held:
            raise FencedError(f"epoch {epoch} is over")
        return int(written)
