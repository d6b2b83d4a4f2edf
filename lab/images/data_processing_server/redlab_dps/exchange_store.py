"""The shared events in the database `event`: a durable inbox and outbox. Only the holder of the lease writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb
from redlab_node.database import Connection, Database, Session
from redlab_node.lease import SERVICE

from redlab_dps import shared_event as rule
from redlab_dps.shared_event import Contents, Key, SharedEvent
from redlab_dps.writer import FencedError

_SECONDS = 5.0
_COLUMNS = "collector, seq, owner, term, sightings, incident, run, version, told, alerts, incident_by"
_TYPES = (
    "collector text, seq bigint, owner text, term integer, sightings jsonb, incident text, run text, version bigint, "
    "told bigint, alerts jsonb, incident_by text"
)
# As in every write of a DPS: a takeover waits for the write, and after a takeover this node writes nothing.
_HELD = "SELECT 1 FROM lease WHERE service = %s AND holder = %s AND epoch = %s FOR KEY SHARE"
_TAKE = """
    DELETE FROM sightings WHERE (collector, seq) IN (SELECT collector, seq FROM sightings LIMIT %s)
    RETURNING collector, seq, alerts
"""
# The planner knows the length of arrays. For JSON it expects 100 rows, and then reads the whole table.
_KNOWN = f"""
    SELECT {_COLUMNS} FROM unnest(%s::text[], %s::bigint[]) AS asked (collector, seq)
    JOIN shared_events USING (collector, seq)
"""  # noqa: S608 - constants
_WRITE = f"""
    INSERT INTO shared_events ({_COLUMNS}) SELECT {_COLUMNS} FROM jsonb_to_recordset(%s) AS written ({_TYPES})
    ON CONFLICT (collector, seq) DO UPDATE SET
        owner = excluded.owner, term = excluded.term, sightings = excluded.sightings, incident = excluded.incident,
        run = excluded.run, version = excluded.version, told = excluded.told, alerts = excluded.alerts,
        incident_by = excluded.incident_by
"""  # noqa: S608 - constants
_FIRE = """
    INSERT INTO alerts_fired (collector, seq, alert, dps, fired_at)
    SELECT collector, seq, alert, %s, clock_timestamp()
    FROM jsonb_to_recordset(%s) AS fired (collector text, seq bigint, alert text) ON CONFLICT DO NOTHING
"""
# The outbox includes an event's content if the other instance has no collector that sends it.
_OUTBOX = f"""
    SELECT {_COLUMNS}, CASE WHEN EXISTS (SELECT FROM untwinned WHERE untwinned.collector = news.collector) THEN (
        SELECT jsonb_build_object('gateway', gateway, 'accepted_at', extract(epoch FROM accepted_at), 'data', data)
        FROM events WHERE (events.collector, events.seq) = (news.collector, news.seq)
    ) END
    FROM (SELECT * FROM shared_events WHERE version > told ORDER BY collector, seq LIMIT %s) AS news
"""  # noqa: S608 - constants
# An event from the other instance is no sighting of this instance, and this instance does not send it back.
_WRITE_TOLD = """
    INSERT INTO events (collector, seq, gateway, accepted_at, processed_at, dps, epoch, data)
    SELECT collector, seq, content ->> 'gateway', to_timestamp((content ->> 'accepted_at')::float8),
           clock_timestamp(), %s, %s, content -> 'data'
    FROM jsonb_to_recordset(%s) AS told (collector text, seq bigint, content jsonb)
    ON CONFLICT (collector, seq) DO NOTHING
"""
# Of its own events, an instance acts only upon those that the other instance has confirmed.
_OPEN = f"""
    SELECT {_COLUMNS} FROM shared_events
    WHERE (incident IS NULL OR run IS NULL) AND CASE %s WHEN 'incident' THEN incident ELSE run END IS NULL
    AND (%s OR (owner = %s AND told > 0))
    ORDER BY collector, seq LIMIT %s
"""  # noqa: S608 - constants

Change = Callable[[SharedEvent], SharedEvent]


class ExchangeStore:
    """The shared events of this instance. Every operation raises psycopg.Error; a writing one also FencedError."""

    def __init__(self, database: Database, node: str, instance: str) -> None:
        self._session = Session(database, "event")
        self._node = node
        self._instance = instance

    async def take(self, epoch: int, limit: int) -> int:
        """Acquire or count the events that collectors sent; return their number."""
        async with self._writing(epoch) as connection:
            taken = await (await connection.execute(_TAKE, (limit,))).fetchall()
            alerts: dict[Key, list[str]] = {(collector, seq): names or [] for collector, seq, names in taken}
            if alerts:  # usually a look without a signal finds nothing
                known = await _known(connection, list(alerts))
                await self._write(
                    connection,
                    [rule.seen(known.get(key), key, self._instance, names) for key, names in alerts.items()],
                )
        return len(taken)

    async def merge(self, epoch: int, told: Sequence[SharedEvent], contents: Contents) -> list[SharedEvent]:
        """Take in the other instance's events; return those that it does not know in full.

        ``contents``: of those events that no collector of this instance sends.
        """
        async with self._writing(epoch) as connection:
            known = await _known(connection, [event.key for event in told])
            for event in told:
                known[event.key] = rule.merged(known.get(event.key), event)
            await self._write(connection, known.values())
            if contents:
                rows = [{"collector": key[0], "seq": key[1], "content": said} for key, said in contents.items()]
                await connection.execute(_WRITE_TOLD, (self._node, epoch, Jsonb(rows)))
        return [known[event.key] for event in told if known[event.key].message() != event.message()]

    async def confirm(self, epoch: int, sent: Iterable[SharedEvent], answered: Sequence[SharedEvent]) -> None:
        """Record that the other instance has the sent events, and take in its answer."""
        versions = {event.key: event.version for event in sent}
        async with self._writing(epoch) as connection:
            known = await _known(connection, list(versions))
            known = {key: rule.confirmed(event, versions[key]) for key, event in known.items()}
            for event in answered:
                known[event.key] = rule.merged(known.get(event.key), event)
            await self._write(connection, known.values())

    async def change(self, epoch: int, changes: Mapping[Key, Change]) -> None:
        """Change events, each by its own function."""
        async with self._writing(epoch) as connection:
            known = await _known(connection, list(changes))
            await self._write(connection, [changes[key](event) for key, event in known.items()])

    async def outbox(self, limit: int) -> tuple[list[SharedEvent], Contents]:
        """Return the events that the other instance has not confirmed in full, and the contents of some."""
        async with self._session.use(_SECONDS) as connection:
            rows = await (await connection.execute(_OUTBOX, (limit,))).fetchall()
        return _events([row[:-1] for row in rows]), {(row[0], row[1]): row[-1] for row in rows if row[-1]}

    async def open(self, action: str, limit: int, *, peer_silent: bool) -> list[SharedEvent]:
        """Return events without an ``action`` (incident or run): this instance's, or all with ``peer_silent``."""
        wanted = (action, peer_silent, self._instance, limit)
        async with self._session.use(_SECONDS) as connection:
            return _events(await (await connection.execute(_OPEN, wanted)).fetchall())

    async def _write(self, connection: Connection, events: Iterable[SharedEvent]) -> None:
        """Write events, and the alerts that this instance fires for them."""
        written = list(events)
        await connection.execute(_WRITE, (Jsonb([asdict(event) for event in written]),))
        fired = [
            {"collector": event.collector, "seq": event.seq, "alert": alert}
            for event in written
            for alert in rule.fires(event, self._instance)
        ]
        if fired:
            await connection.execute(_FIRE, (self._node, Jsonb(fired)))

    @asynccontextmanager
    async def _writing(self, epoch: int) -> AsyncIterator[Connection]:
        """Run one transaction under the lease."""
        async with self._session.use(_SECONDS) as connection, connection.transaction():
            held = await connection.execute(_HELD, (SERVICE, self._node, epoch))
            if await held.fetchone() is None:
                raise FencedError(f"epoch {epoch} is over")
            yield connection


async def _known(connection: Connection, keys: Sequence[Key]) -> dict[Key, SharedEvent]:
    collectors, numbers = [key[0] for key in keys], [key[1] for key in keys]
    found = await connection.execute(_KNOWN, (collectors, numbers))
    return {event.key: event for event in _events(await found.fetchall())}


def _events(rows: Sequence[Any]) -> list[SharedEvent]:
    return [SharedEvent(*row) for row in rows]
