"""Writes a pulled chunk: its events into the database `event`, once each. Only the holder of the lease writes."""

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

# One statement is one transaction and one round trip, and leaves nothing open if this process hangs. FOR KEY SHARE
# allows renewals and makes a takeover (FOR UPDATE) wait. After a takeover the epoch differs, and nothing is written.
# An existing event, sent or pulled twice, stays unchanged.
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
# Items of other kinds are already in other databases; a chunk of events only is not searched for them.
_ONLY_EVENTS = "WHERE coalesce(event ->> 'kind', 'event') NOT IN ('metric', 'topology')\n        "
# Twin instances: the sighting is written in the event's transaction, so the exchange misses no stored event.
_SIGHTED = """, sighted AS (
        INSERT INTO sightings (collector, seq) SELECT collector, seq FROM written ON CONFLICT DO NOTHING
    )"""
_MATCHED = "jsonb_to_recordset(%(matched)s) AS matched (collector text, seq bigint, alerts jsonb)"
_SIGHTED_WITH_ALERTS = f""", sighted AS (
        INSERT INTO sightings (collector, seq, alerts)
        SELECT collector, seq, alerts FROM written LEFT JOIN {_MATCHED} USING (collector, seq) ON CONFLICT DO NOTHING
    )"""  # noqa: S608 - constants
# An alert fires in its event's transaction, and once, because only new events are written.
_FIRED = f""", fired AS (
        INSERT INTO alerts_fired (collector, seq, alert, dps, fired_at)
        SELECT collector, seq, alert, %(dps)s, clock_timestamp()
        FROM written JOIN {_MATCHED} USING (collector, seq), jsonb_array_elements_text(alerts) AS alert
    )"""  # noqa: S608 - constants
# A collector without a twin: the exchange tells the other instance the contents of its events, too.
_UNTWINNED = """, alone AS (
        INSERT INTO untwinned (collector)
        SELECT DISTINCT batch.request ->> 'collector'
        FROM held, jsonb_to_recordset(%(body)s::jsonb) AS batch (request jsonb) WHERE batch.request -> 'twin' = 'false'
        ON CONFLICT DO NOTHING
    )"""


class FencedError(Exception):
    """This node does not hold the lease with this epoch any more; nothing was written."""


class Writer:
    """Writes the chunks of one gateway, the events over a separate connection."""

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
        """Also write the sightings of events if they are ``shared`` with another instance.

        Alerts of shared events fire when the owner of the incident is known (:mod:`redlab_dps.shared_event`), others at
        once.
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
        """Commit a pulled chunk; return the number of new items by kind. Raises FencedError, psycopg.Error.

        The events are written last, under the lease: when this returns, the holder has committed everything.
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
