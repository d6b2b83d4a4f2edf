"""Writes a pulled chunk: its events into the database `event`, once each, and only by the holder of the lease."""

from collections import Counter
from typing import Any

from psycopg.types.json import Jsonb
from redlab_node.database import Database, Session
from redlab_node.lease import SERVICE

from redlab_dps import alerting
from redlab_dps.collected import Collected
from redlab_dps.configuration import Configuration
from redlab_dps.kinds import EVENT, kinds_in, may_be_untwinned

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
        {only}ON CONFLICT (collector, seq) DO NOTHING
        RETURNING collector, seq
    ){more}
    SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM written)
"""
# What has another kind is in another database by then; a chunk of events alone is not searched for any.
_ONLY_EVENTS = "WHERE coalesce(event ->> 'kind', 'event') NOT IN ('metric', 'topology')\n        "
# Twin instances: in the same transaction, so that no event that is stored is forgotten by the exchange.
_SIGHTED = """, sighted AS (
        INSERT INTO sightings (collector, seq) SELECT collector, seq FROM written ON CONFLICT DO NOTHING
    )"""
_MATCHED = "jsonb_to_recordset(%(matched)s) AS matched (collector text, seq bigint, alerts jsonb)"
_SIGHTED_WITH_ALERTS = f""", sighted AS (
        INSERT INTO sightings (collector, seq, alerts)
        SELECT collector, seq, alerts FROM written LEFT JOIN {_MATCHED} USING (collector, seq) ON CONFLICT DO NOTHING
    )"""  # noqa: S608 - constants
# An alert fires with its event: in the same transaction, and once, since only events that are new are written.
_FIRED = f""", fired AS (
        INSERT INTO alerts_fired (collector, seq, alert, dps, fired_at)
        SELECT collector, seq, alert, %(dps)s, clock_timestamp()
        FROM written JOIN {_MATCHED} USING (collector, seq), jsonb_array_elements_text(alerts) AS alert
    )"""  # noqa: S608 - constants
# Of a collector that says that it has no twin the other instance is told everything, once it is told of the event.
_UNTWINNED = """, alone AS (
        INSERT INTO untwinned (collector)
        SELECT DISTINCT batch.request ->> 'collector'
        FROM held, jsonb_to_recordset(%(body)s::jsonb) AS batch (request jsonb) WHERE batch.request -> 'twin' = 'false'
        ON CONFLICT DO NOTHING
    )"""


class FencedError(Exception):
    """The lease is not this node's with this epoch any more; nothing was written."""


class Writer:
    """Writes what comes from one gateway, the events over a connection of its own."""

    def __init__(
        self,
        database: Database,
        node: str,
        gateway: str,
        collected: Collected,
        configuration: Configuration,
        *,
        shared: bool = False,
    ) -> None:
        """Take also the sightings of events that are ``shared`` with another instance.

        Their alerts fire when it is known whose incident it is (:mod:`redlab_dps.shared_event`), else with the event.
        """
        self._shared = shared
        self._more = _SIGHTED if shared else ""
        self._with_alerts = _SIGHTED_WITH_ALERTS if shared else _FIRED
        self._configuration = configuration
        self._session = Session(database, "event")
        self._collected = collected
        self._node = node
        self._gateway = gateway

    async def write(self, body: str, epoch: int) -> Counter[str]:
        """Commit a pulled chunk; returns how many items of each kind are new. Raises FencedError, psycopg.Error.

        The events last, with the lease: when this returns, everything is committed, and was by its holder.
        """
        written = Counter[str]()
        kinds = kinds_in(body)
        for kind in sorted(kinds):
            written[kind] = await self._collected.write(kind, body, self._gateway, epoch)
        matched = alerting.found(await self._configuration.rules(epoch), body)
        parameters = {
            "service": SERVICE,
            "dps": self._node,
            "epoch": epoch,
            "gateway": self._gateway,
            "body": body,
            "matched": Jsonb([{"collector": c, "seq": seq, "alerts": names} for (c, seq), names in matched.items()]),
        }
        more = self._with_alerts if matched else self._more
        if self._shared and may_be_untwinned(body):
            more += _UNTWINNED
        statement = _WRITE.format(only=_ONLY_EVENTS if kinds else "", more=more)
        async with self._session.use(_SECONDS) as connection:
            row: Any = await (await connection.execute(statement, parameters)).fetchone()
        held, written[EVENT] = row
        if not held:
            raise FencedError(f"epoch {epoch} is over")
        return written
