"""Deletes old rows in small batches: no table grows for ever, and no writer waits for a long delete."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg

from redlab_node.database import Database, Session

log = logging.getLogger(__name__)

DEFAULT_SECONDS = 7 * 24 * 3600.0
BATCH_ROWS = 1000
_SECONDS = 5.0
_BETWEEN_BATCHES_SECONDS = 0.2
_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Kept:
    """A table with a retention period: its time column, and the condition for rows that may be deleted."""

    table: str
    since: str
    condition: str = "true"

    @property
    def delete(self) -> str:
        """The statement that deletes rows older than a number of seconds, oldest first, up to a number of rows."""
        old = f"{self.since} < now() - make_interval(secs => %s) AND {self.condition}"
        oldest = f"SELECT ctid FROM {self.table} WHERE {old} ORDER BY {self.since} LIMIT %s"  # noqa: S608 - constants
        return f"DELETE FROM {self.table} WHERE ctid = ANY (ARRAY({oldest}))"  # noqa: S608 - constants


class Retention:
    """Deletes old rows from the tables of some databases, repeatedly."""

    def __init__(self, database: Database, tables: Mapping[str, Sequence[Kept]], seconds: float) -> None:
        """Keep rows for ``seconds``; ``tables`` by logical database."""
        self._sessions = {name: Session(database, name) for name in tables}
        self._tables = tables
        self._seconds = seconds

    async def run(self) -> None:
        """Sweep without end."""
        while True:
            await self.sweep()

    async def sweep(self) -> None:
        """Delete one batch of each table; then pause, longer if no old rows are left."""
        more = False
        for name, tables in self._tables.items():
            for kept in tables:
                more |= await self._sweep(name, kept)
        await asyncio.sleep(_BETWEEN_BATCHES_SECONDS if more else _EVERY_SECONDS)

    async def _sweep(self, name: str, kept: Kept) -> bool:
        """Delete a batch; return whether more old rows may exist."""
        try:
            async with self._sessions[name].use(_SECONDS) as connection:
                found = await connection.execute(kept.delete, (self._seconds, BATCH_ROWS))
                return found.rowcount == BATCH_ROWS
        except psycopg.errors.UndefinedTable:  # the table does not exist yet
            return False
        except (psycopg.Error, OSError) as error:
            log.warning("%s: old rows were not deleted: %s", kept.table, str(error).strip())
            return False
