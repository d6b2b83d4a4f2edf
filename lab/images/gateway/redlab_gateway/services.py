"""The active DPS, as this gateway knows it from the lease."""

import asyncio
import logging
import time
from dataclasses import dataclass

import psycopg
from redlab_node import lease
from redlab_node.database import Connection, Database, Session, failure
from redlab_node.lease import Lease

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
_READ_SECONDS = 1.0


@dataclass(frozen=True)
class Services:
    """One reading of the lease, and the time before its query by this node's monotonic clock."""

    lease: Lease | None
    read_at: float

    def remaining_seconds(self, now: float) -> float:
        """Return how long the lease still lasts; counted from before the query, so never too long."""
        return 0.0 if self.lease is None else self.lease.remaining_seconds - (now - self.read_at)

    def state(self, now: float) -> str:
        """Return active, starting or none."""
        if self.lease is None or self.lease.holder is None or self.remaining_seconds(now) <= 0:
            return "none"
        return self.lease.state

    def active(self, now: float) -> str | None:
        """Return the name of the active DPS."""
        return self.lease.holder if self.lease is not None and self.state(now) == "active" else None


class ServicesWatch:
    """Reads the lease repeatedly, and at once after a change."""

    def __init__(self, database: Database) -> None:
        self._session = Session(database, "event", self._subscribe)
        self.services = Services(None, 0.0)
        self.failure: str | None = "the database was not reached yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until asked to stop."""
        while not stop.is_set():
            try:
                started = time.monotonic()
                async with self._session.use(_READ_SECONDS) as connection:
                    found = await lease.read(connection)
                self.services, self.failure = Services(found, started), None
                await self._session.wait_for_news(_POLL_SECONDS)
            except psycopg.errors.UndefinedTable:
                self.failure = "no data processing server has started yet"
                await asyncio.sleep(_POLL_SECONDS)
            except (psycopg.Error, OSError) as error:
                if self.failure is None:
                    log.warning("lease unknown: %s", error)
                self.failure = failure(error)
                await asyncio.sleep(_POLL_SECONDS)

    def active(self) -> str | None:
        """Return the name of the active DPS, None without one."""
        return self.services.active(time.monotonic())

    def reason(self) -> str:
        """Return why no DPS is active."""
        if self.failure is not None:
            return self.failure
        state = self.services.state(time.monotonic())
        return "the services are starting" if state == "starting" else "no data processing server is active"

    async def _subscribe(self, connection: Connection) -> None:
        await connection.execute(f"LISTEN {lease.CHANNEL}")
