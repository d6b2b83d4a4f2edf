"""Logins in the database `management`: the audit of logins and attempts, and the sessions that were ended.

A session is a signed statement that every gateway can verify. The gateways learn here within a second that a session
was ended. While the database is away logins still work, and only the log records them.
"""

import asyncio
import logging

import psycopg
from redlab_node.database import Session

from redlab_gateway.sessions import SESSION_SECONDS, digest
from redlab_gateway.settings import ADMINISTRATOR, audit, use

log = logging.getLogger(__name__)

_SECONDS = 1.0
_READ_SECONDS = 0.5
_MOST_RECORDS = 20
_ENDED = "SELECT digest FROM ended_sessions WHERE ended_at > clock_timestamp() - make_interval(secs => %s)"
_END = "INSERT INTO ended_sessions (digest, ended_at) VALUES (%s, clock_timestamp()) ON CONFLICT DO NOTHING"


class Logins:
    """The logins of an instance."""

    def __init__(self, management: Session) -> None:
        self._management = management
        self._ended: set[str] = set()
        self._records: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Read the ended sessions repeatedly, until asked to stop."""
        while not stop.is_set():
            try:
                async with self._management.use(_READ_SECONDS) as connection:
                    rows = await (await connection.execute(_ENDED, (SESSION_SECONDS,))).fetchall()
                self._ended |= {digest for (digest,) in rows}
            except (psycopg.Error, OSError):
                pass  # the sessions read so far stay known
            await asyncio.sleep(_SECONDS)

    def ended(self, session: str) -> bool:
        """Tell whether a session was ended, as far as this gateway knows."""
        return digest(session) in self._ended

    async def end(self, session: str, client: str) -> None:
        """End a session, on this gateway at once. Raises ConnectionError if the other gateways cannot learn of it."""
        self._ended.add(digest(session))
        async with use(self._management) as connection, connection.transaction():
            await audit(connection, "log-out", {"client": client})
            await connection.execute(_END, (digest(session),))

    def record(self, action: str, client: str, actor: str = ADMINISTRATOR) -> None:
        """Write to the audit if the database answers; no request waits for it."""
        log.info(action, extra={"fields": {"client": client}})
        if len(self._records) < _MOST_RECORDS:
            task = asyncio.create_task(self._record(action, client, actor))
            self._records.add(task)
            task.add_done_callback(self._records.discard)

    async def _record(self, action: str, client: str, actor: str) -> None:
        try:
            async with use(self._management) as connection:
                await audit(connection, action, {"client": client}, actor)
        except ConnectionError as error:
            log.warning("%s is not in the audit: %s", action, error)
