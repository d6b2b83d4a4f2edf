"""Old rows go, some at a time, so that no table grows for ever and nobody waits for a long delete."""

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
    """A table whose rows are kept for a time: the column that says since when, and which of the old ones may go."""

    table: str
    since: str
    condition: str = "true"

    @property
    def delete(self) -> str:
        """Delete the oldest rows that are older than a number of seconds, up to a number of rows."""
        old = f"{self.since} < now() - make_interval(secs => %s) AND {self.condition}"
        oldest = f"SELECT ctid FROM {self.table} WHERE {old} ORDER BY {self.since} LIMIT %s"  # noqa: S608 - constants
        return f"DELETE FROM {self.table} WHERE ctid = ANY (ARRAY({oldest}))"  # noqa: S608 - constants


class Retention:
    """Sweeps the tables of some databases again and again."""

    def __init__(self, database: Database, tables: Mapping[str, Sequence[Kept]], seconds: float) -> None:
        """Keep rows for so many seconds; ``tables`` by logical database."""
        self._sessions = {name: Session(database, name) for name in tables}
        self._tables = tables
        self._seconds = seconds

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await self.sweep()

    async def sweep(self) -> None:
        """Delete what is too old, and return some time after there is no more of it."""
        more = False
        for name, tables in self._tables.items():
            for kept in tables:
                more |= await self._sweep(name, kept)
        await asyncio.sleep(_BETWEEN_BATCHES_SECONDS if more else _EVERY_SECONDS)

    async def _sweep(self, name: str, kept: Kept) -> bool:
        """Delete some rows; returns whether there may be more of them."""
        try:
            async with self._sessions[name].use(_SECONDS) as connection:
                found = await connection.execute(kept.delete, (self._seconds, BATCH_ROWS))
                return found.rowcount == BATCH_ROWS
        except psycopg.errors.UndefinedTable:  # nothing was kept there yet
            return False
        except (psycopg.Error, OSError) as error:
            log.warning("%s: old rows were not deleted: %s", kept.table, str(error).strip())
            return False
