"""This instance's alerts and downtimes, read every second while this node is active."""

import asyncio
import logging

import psycopg
from redlab_node.configured import ALERT, DOWNTIME
from redlab_node.database import Database, Session

from redlab_dps.alerting import Rules, rules
from redlab_dps.tenure import Tenure

log = logging.getLogger(__name__)

_SECONDS = 1.0
_EVERY_SECONDS = 1.0
_READ = "SELECT kind, name, content FROM configuration WHERE kind IN (%s, %s) ORDER BY kind, name"


class Configuration:
    """The effective part of an instance's configuration. Writers of events do not wait while it is read again."""

    def __init__(self, database: Database, tenure: Tenure) -> None:
        self._session = Session(database, "management")
        self._tenure = tenure
        self._rules = Rules()
        self._epoch: int | None = None  # the epoch in which the rules were read
        self._readable = True

    async def run(self) -> None:
        """Read the configuration repeatedly, without end."""
        while True:
            await self._tenure.open()
            epoch = self._tenure.epoch
            try:
                if epoch is not None:
                    await self._read(epoch)
                self._readable = True
            except (psycopg.Error, OSError) as error:
                if self._readable:
                    log.warning("the configuration cannot be read: %s", str(error).strip())
                self._readable = False
            await asyncio.sleep(_EVERY_SECONDS)

    async def rules(self, epoch: int) -> Rules:
        """Return the rules, at most a second old; while the database does not answer, those it gave last.

        Rules from an earlier epoch may be outdated: they are read again first. Raises psycopg.Error or OSError then.
        """
        if self._epoch != epoch:
            await self._read(epoch)
        return self._rules

    async def _read(self, epoch: int) -> None:
        async with self._session.use(_SECONDS) as connection:
            now = rules(await (await connection.execute(_READ, (ALERT, DOWNTIME))).fetchall())
        if now.ignored != self._rules.ignored:
            log.info("configured without effect: %s", "; ".join(now.ignored) or "nothing")
        self._rules, self._epoch = now, epoch
