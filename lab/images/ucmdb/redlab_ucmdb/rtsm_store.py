"""The RTSM of an instance: tables in its database `rtsm`, created by the first UCMDB to connect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb
from redlab_node import patience, rtsm
from redlab_node.database import Connection, Database, Session, make_tables

from redlab_ucmdb import item as rule
from redlab_ucmdb.item import Item
from redlab_ucmdb.store import Batch, Cursor, StandsByError, UnreachableError

_SECONDS = patience.seconds(3, 10)
_MAKE = f"""{rtsm.ITEMS}
    CREATE TABLE IF NOT EXISTS topology_cursors (
        source text, target text, source_id text NOT NULL, scope text NOT NULL, position bigint NOT NULL,
        PRIMARY KEY (source, target)
    );
    CREATE TABLE IF NOT EXISTS topology_store (id uuid NOT NULL);
    INSERT INTO topology_store SELECT gen_random_uuid() WHERE NOT EXISTS (SELECT FROM topology_store);
"""  # noqa: S608 - constants
_COLUMNS = "type, name, attributes, version, origin, global_id"
_FILTER = "(%(types)s::text[] = '{}' OR type = ANY(%(types)s))"
_STANDS_BY = "SELECT coalesce(current_setting('redlab.follows', true), '') <> ''"


class RtsmStore:
    """The RTSM of the instance in one site; it is read only while that instance is active, but always written."""

    def __init__(self, site: str, dsn: str, password: str, node: str, master: str) -> None:
        """``dsn``: libpq's, without password.   ``node``: the connecting UCMDB.   ``master``: assigns global ids."""
        self._site = site
        self._master = master
        self._session = Session(Database(dsn, password, node, any_role=True), "rtsm", _make)

    async def identity(self) -> str:
        """Return the store's id, assigned at its creation."""
        async with self._use() as connection:
            return str((await _one(connection, "SELECT id FROM topology_store"))[0])

    async def changes(self, cursor: Cursor, item_types: Sequence[str], limit: int) -> Batch:
        """Return the next changes after a cursor, of some types (all if none are given). Raises StandsByError."""
        async with self._use() as connection:
            await self._insist_on_service(connection)
            # The last number is read first: later writes are left to the next call.
            identity, last = await _one(
                connection, "SELECT id, (SELECT coalesce(max(changed), 0) FROM configuration_items) FROM topology_store"
            )
            after = cursor.position if cursor.source_id == str(identity) else 0
            found = await connection.execute(
                f"SELECT {_COLUMNS}, changed FROM configuration_items "  # noqa: S608 - constants
                f"WHERE changed > %(after)s AND changed <= %(last)s AND {_FILTER} ORDER BY changed LIMIT %(limit)s",
                {"after": after, "last": last, "types": list(item_types), "limit": limit},
            )
            rows = await found.fetchall()
        position = rows[-1][-1] if len(rows) == limit else last
        return Batch(str(identity), tuple(Item(*row[:-1]) for row in rows), position)

    async def merge(self, items: Sequence[Item], cursor: Cursor | None) -> int:
        """Merge items, and keep the cursor in the same transaction; return the number of changed items."""
        async with self._use() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (rtsm.LOCK,))
            found = await connection.execute(
                f"SELECT {_COLUMNS} FROM configuration_items "  # noqa: S608 - a constant
                "WHERE (type, name) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
                ([item.type for item in items], [item.name for item in items]),
            )
            held = {item.key: item for item in (Item(*row) for row in await found.fetchall())}
            written = rule.changes(held, items, self._master)
            for item in written:
                await connection.execute(
                    "INSERT INTO configuration_items VALUES (%s, %s, %s, %s, %s, %s, nextval('configuration_changes')) "
                    "ON CONFLICT (type, name) DO UPDATE SET attributes = excluded.attributes, "
                    "version = excluded.version, origin = excluded.origin, global_id = excluded.global_id, "
                    "changed = excluded.changed",
                    (
                        item.type,
                        item.name,
                        None if item.attributes is None else Jsonb(dict(item.attributes)),
                        item.version,
                        item.origin,
                        item.global_id,
                    ),
                )
            if cursor:
                await _keep(connection, cursor)
        return len(written)

    async def cursor(self, source: str, target: str) -> Cursor:
        """Return the store's cursor for an integration, or one at the beginning."""
        async with self._use() as connection:
            found = await connection.execute(
                "SELECT source_id, scope, position FROM topology_cursors WHERE source = %s AND target = %s",
                (source, target),
            )
            row = await found.fetchone()
        return Cursor(source, target, *(row or ()))

    async def advance(self, cursor: Cursor) -> None:
        """Keep a cursor."""
        async with self._use() as connection:
            await _keep(connection, cursor)

    async def items(self, item_types: Sequence[str]) -> list[Item]:
        """Return the store's items without deleted ones. Raises StandsByError."""
        async with self._use() as connection:
            await self._insist_on_service(connection)
            found = await connection.execute(
                f"SELECT {_COLUMNS} FROM configuration_items WHERE attributes IS NOT NULL AND {_FILTER} "  # noqa: S608 - constants
                "ORDER BY type, name",
                {"types": list(item_types)},
            )
            return [Item(*row) for row in await found.fetchall()]

    @asynccontextmanager
    async def _use(self) -> AsyncIterator[Connection]:
        try:
            async with self._session.use(_SECONDS) as connection:
                yield connection
        except (psycopg.Error, OSError) as error:
            raise UnreachableError(f"{self._site}: {' '.join(str(error).split())}") from None

    async def _insist_on_service(self, connection: Connection) -> None:
        if (await _one(connection, _STANDS_BY))[0]:
            raise StandsByError(f"{self._site} stands by")


async def _make(connection: Connection) -> None:
    connection.row_factory = tuple_row
    await make_tables(connection, _MAKE, rtsm.LOCK)


async def _one(connection: Connection, text: str) -> Any:
    row = await (await connection.execute(text)).fetchone()
    if row is None:
        raise psycopg.DatabaseError("the topology tables are empty")
    return row


async def _keep(connection: Connection, cursor: Cursor) -> None:
    await connection.execute(
        "INSERT INTO topology_cursors VALUES (%s, %s, %s, %s, %s) ON CONFLICT (source, target) DO UPDATE "
        "SET source_id = excluded.source_id, scope = excluded.scope, position = excluded.position",
        (cursor.source, cursor.target, cursor.source_id, cursor.scope, cursor.position),
    )
