"""Writes metrics into the database `profile` and topology into `rtsm`: items that arrive among the events, once each.

Neither database knows the lease. A server that was fenced meanwhile writes the same items that its successor takes out
of the same queue: an existing row stays unchanged, and a logged item is not put in again. The queue forgets a chunk
only after the events' transaction, which does check the lease (docs/adr/0015).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from redlab_node import rtsm
from redlab_node.database import Connection, Database, Session, make_tables

from redlab_dps.kinds import METRIC, TOPOLOGY

log = logging.getLogger(__name__)

_SECONDS = 5.0
_METRICS_LOCK = 0x6D6574726963  # any number that every DPS uses: "metric"
_METRICS = """
    CREATE TABLE IF NOT EXISTS metrics (
        collector text, seq bigint, gateway text NOT NULL, accepted_at timestamptz NOT NULL,
        processed_at timestamptz NOT NULL, dps text NOT NULL, epoch bigint NOT NULL, data jsonb NOT NULL,
        PRIMARY KEY (collector, seq)
    );
    CREATE INDEX IF NOT EXISTS metrics_processed_at ON metrics (processed_at);
"""
_WRITE_METRICS = """
    WITH written AS (
        INSERT INTO metrics (collector, seq, gateway, accepted_at, processed_at, dps, epoch, data)
        SELECT batch.request ->> 'collector', (item ->> 'seq')::bigint, %(gateway)s, to_timestamp(batch.accepted_at),
               clock_timestamp(), %(dps)s, %(epoch)s, item -> 'data'
        FROM jsonb_to_recordset(%(body)s::jsonb) AS batch (accepted_at float8, request jsonb),
             jsonb_array_elements(batch.request -> 'events') AS item
        WHERE item ->> 'kind' = 'metric'
        ON CONFLICT (collector, seq) DO NOTHING
        RETURNING 1
    )
    SELECT count(*) FROM written
"""
# A function makes all of it one round trip, and leaves nothing open if this process hangs. Statements of a collector
# about one item may arrive in another order, through another gateway: the one with the highest number counts.
_TOPOLOGY = f"""{rtsm.ITEMS}
    CREATE TABLE IF NOT EXISTS topology_log (
        collector text, seq bigint, gateway text NOT NULL, accepted_at timestamptz NOT NULL,
        processed_at timestamptz NOT NULL, dps text NOT NULL, epoch bigint NOT NULL, type text, name text,
        PRIMARY KEY (collector, seq)
    );
    CREATE INDEX IF NOT EXISTS topology_log_processed_at ON topology_log (processed_at);
    CREATE INDEX IF NOT EXISTS topology_log_items ON topology_log (name, type, collector, seq);
    CREATE OR REPLACE FUNCTION collect_topology(origin_ text, gateway_ text, dps_ text, epoch_ bigint, body_ jsonb)
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        said record;
        written bigint := 0;
    BEGIN
        PERFORM pg_advisory_xact_lock({rtsm.LOCK});
        FOR said IN
            SELECT batch.request ->> 'collector' AS collector, (item ->> 'seq')::bigint AS seq, batch.accepted_at,
                   item -> 'data' ->> 'type' AS type, item -> 'data' ->> 'name' AS name,
                   item -> 'data' -> 'attributes' AS attributes
            FROM jsonb_to_recordset(body_) AS batch (accepted_at float8, request jsonb),
                 jsonb_array_elements(batch.request -> 'events') AS item
            WHERE item ->> 'kind' = 'topology'
        LOOP
            INSERT INTO topology_log VALUES (said.collector, said.seq, gateway_, to_timestamp(said.accepted_at),
                clock_timestamp(), dps_, epoch_, said.type, said.name) ON CONFLICT DO NOTHING;
            CONTINUE WHEN NOT FOUND;
            written := written + 1;
            CONTINUE WHEN EXISTS (SELECT FROM topology_log AS later WHERE later.type = said.type
                AND later.name = said.name AND later.collector = said.collector AND later.seq > said.seq);
            PERFORM put_item(origin_, said.type, said.name, nullif(said.attributes, 'null'));
        END LOOP;
        RETURN written;
    END $$;
"""  # noqa: S608 - constants
_WRITE_TOPOLOGY = "SELECT collect_topology(%(origin)s, %(gateway)s, %(dps)s, %(epoch)s, %(body)s::jsonb)"


@dataclass(frozen=True)
class _Part:
    """The destination of one kind: database, table, its definitions, the lock for creating it, the statement."""

    database: str
    table: str
    definitions: str
    lock: int
    write: str


_PARTS = {
    METRIC: _Part("profile", "metrics", _METRICS, _METRICS_LOCK, _WRITE_METRICS),
    TOPOLOGY: _Part("rtsm", "topology_log", _TOPOLOGY, rtsm.LOCK, _WRITE_TOPOLOGY),
}


class Collected:
    """Writes metrics and topology, over one connection to each database for all gateways."""

    def __init__(self, database: Database, node: str, site: str) -> None:
        """Write as ``node``; ``site`` is the origin of the configuration items in the RTSM's integrations."""
        self._sessions = {
            kind: Session(database, part.database, partial(self._make, part)) for kind, part in _PARTS.items()
        }
        self._made: set[str] = set()
        self._who = {"dps": node, "origin": site}

    async def prepare(self) -> None:
        """Connect and create the tables before the first chunk arrives, which would otherwise wait for this."""
        for kind, session in self._sessions.items():
            try:
                async with session.use(_SECONDS):
                    pass
            except (psycopg.Error, OSError) as error:
                log.warning("%s: not prepared: %s", _PARTS[kind].database, str(error).strip())

    async def write(self, kind: str, body: str, gateway: str, epoch: int) -> int:
        """Commit a chunk's items of one kind; return the number of new items. Raises psycopg.Error."""
        parameters = {**self._who, "gateway": gateway, "epoch": epoch, "body": body}
        async with self._sessions[kind].use(_SECONDS) as connection:
            row: Any = await (await connection.execute(_PARTS[kind].write, parameters)).fetchone()
        return int(row[0])

    async def _make(self, part: _Part, connection: Connection) -> None:
        """Create the tables once in this version's form; later only if they are missing."""
        if part.table in self._made:
            found = await connection.execute("SELECT to_regclass(%s) IS NOT NULL", (part.table,))
            row = await found.fetchone()
            if row and row[0]:
                return
        await make_tables(connection, part.definitions, part.lock)
        self._made.add(part.table)
