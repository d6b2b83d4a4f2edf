"""The actions in PostgreSQL: a repeated request leads to the same action."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb
from redlab_node.database import Connection, Database, Session, failure, make_tables
from redlab_node.retention import Kept

from redlab_action.action import Action, distinct

_SECONDS = 3.0
_LOCK = 0x616374696F6E  # any number that every process uses: "action"
_TABLES = """
    CREATE TABLE IF NOT EXISTS actions (
        number text PRIMARY KEY, cma text UNIQUE NOT NULL, collector text NOT NULL,
        seq bigint NOT NULL, requested_by text NOT NULL, requests bigint NOT NULL DEFAULT 1, global_id text,
        performed_at timestamptz NOT NULL
    );
    CREATE INDEX IF NOT EXISTS actions_performed_at ON actions (performed_at);
    CREATE SEQUENCE IF NOT EXISTS numbers;
    CREATE TABLE IF NOT EXISTS configuration_items (
        name text, type text, global_id text NOT NULL, PRIMARY KEY (name, type)
    );
"""
# The CMA makes the action unique: a second request gets the number of the first. (The numbers have gaps.)
_PERFORM = """
    WITH asked AS (
        SELECT *, nextval('numbers')::text AS digits
        FROM jsonb_to_recordset(%(asked)s) AS one (cma text, collector text, seq bigint, requested_by text)
    )
    INSERT INTO actions (number, cma, collector, seq, requested_by, global_id, performed_at)
    SELECT %(prefix)s || lpad(digits, greatest(7, length(digits)), '0'), cma, collector, seq, requested_by,
           (SELECT min(item.global_id) FROM configuration_items AS item WHERE item.name = asked.collector),
           clock_timestamp()
    FROM asked
    ON CONFLICT (cma) DO UPDATE SET requests = actions.requests + 1
    RETURNING cma, number, requests = 1, requested_by
"""
_LATEST = """
    SELECT number, cma, collector, seq, requested_by, requests, global_id, performed_at
    FROM actions ORDER BY performed_at DESC LIMIT %s
"""

KEPT = Kept("actions", "performed_at")
"""An action is kept as long as its event is: no instance knows the event of a deleted action any more."""


class Performed(NamedTuple):
    """A performed action: its number, whether this request caused it, and the first requester."""

    number: str
    created: bool
    requested_by: str


class UnavailableError(Exception):
    """The database does not answer."""


class Store:
    """The actions of one desk."""

    def __init__(self, database: Database, name: str, prefix: str) -> None:
        self._session = Session(database, name, partial(make_tables, statements=_TABLES, lock=_LOCK))
        self._prefix = prefix

    async def perform(self, actions: Sequence[Action]) -> dict[str, Performed]:
        """Perform the action of each CMA once, durably; return the result by CMA. Raises UnavailableError."""
        asked = Jsonb([asdict(action) for action in distinct(actions)])
        async with self._use() as connection:
            found = await connection.execute(_PERFORM, {"prefix": self._prefix, "asked": asked})
            return {cma: Performed(*performed) for cma, *performed in await found.fetchall()}

    async def counts(self) -> tuple[int, int]:
        """Return the number of actions and the number of requests. Raises UnavailableError."""
        async with self._use() as connection:
            found = await connection.execute("SELECT count(*), coalesce(sum(requests), 0) FROM actions")
            row: Any = await found.fetchone()
        return int(row[0]), int(row[1])

    async def latest(self, limit: int) -> list[dict[str, Any]]:
        """Return the latest actions, newest first. Raises UnavailableError."""
        async with self._use() as connection:
            found = await connection.execute(_LATEST, (limit,))
            names = [column.name for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in await found.fetchall()]

    async def learn(self, global_ids: Mapping[tuple[str, str], str]) -> None:
        """Replace the known configuration items by these: (type, name) and global id. Raises UnavailableError."""
        known = Jsonb([{"type": kind, "name": name, "id": found} for (kind, name), found in global_ids.items()])
        async with self._use() as connection, connection.transaction():
            await connection.execute("DELETE FROM configuration_items")
            await connection.execute(
                "INSERT INTO configuration_items (name, type, global_id) SELECT name, type, id "
                "FROM jsonb_to_recordset(%s) AS told (name text, type text, id text)",
                (known,),
            )

    @asynccontextmanager
    async def _use(self) -> AsyncIterator[Connection]:
        try:
            async with self._session.use(_SECONDS) as connection:
                yield connection
        except (psycopg.Error, OSError) as error:
            raise UnavailableError(f"{failure(error)}: {str(error).strip()}") from None
