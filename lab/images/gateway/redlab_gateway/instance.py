"""The role of this gateway's instance, active or standby; its database server decides it, after a promotion.

A gateway whose instance may be a standby accepts nothing before it has seen a primary. After that an absent database
changes nothing: events are queued, as in a single instance.
"""

import asyncio
import logging

import psycopg
from redlab_node.database import Database, Session

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
_READ_SECONDS = 1.0
# A standby follows another server's log, or subscribes to its databases.
_STANDS_BY = "SELECT pg_is_in_recovery() OR coalesce(current_setting('redlab.follows', true), '') <> ''"


class Instance:
    """Watches the database server's role; ``refusal`` is the reason for serving nothing, None while it serves."""

    def __init__(self, database: Database | None) -> None:
        self._session = Session(database, "event") if database else None
        self.refusal: str | None = "the database's role is not known yet" if database else None

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until asked to stop; a single instance has nothing to watch."""
        while self._session is not None and not stop.is_set():
            try:
                async with self._session.use(_READ_SECONDS) as connection:
                    found = await connection.execute(_STANDS_BY)
                    row = await found.fetchone()
                self._learn(standby=row is None or bool(row[0]))
            except (psycopg.Error, OSError):
                pass  # the last known role counts until the server answers
            await asyncio.sleep(_POLL_SECONDS)
        await stop.wait()

    def _learn(self, *, standby: bool) -> None:
        refusal = "this instance stands by" if standby else None
        if refusal != self.refusal:
            log.info(refusal or "this instance serves")
        self.refusal = refusal
