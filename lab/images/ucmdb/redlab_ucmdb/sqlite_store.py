"""A UCMDB's own store: an SQLite file, durable at every commit."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redlab_ucmdb import item as rule
from redlab_ucmdb.item import Item, Key
from redlab_ucmdb.store import Batch, Cursor

_TABLES = """
    CREATE TABLE IF NOT EXISTS items (
        type TEXT, name TEXT, attributes TEXT, version INTEGER NOT NULL, origin TEXT NOT NULL, global_id TEXT,
        changed INTEGER NOT NULL, PRIMARY KEY (type, name)
    );
    CREATE UNIQUE INDEX IF NOT EXISTS items_changed ON items (changed);
    CREATE TABLE IF NOT EXISTS cursors (
        source TEXT, target TEXT, source_id TEXT NOT NULL, scope TEXT NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (source, target)
    );
    CREATE TABLE IF NOT EXISTS store (id TEXT NOT NULL, changed INTEGER NOT NULL);
"""
_COLUMNS = "type, name, attributes, version, origin, global_id"
_FILTER = "(? = '[]' OR type IN (SELECT value FROM json_each(?)))"


class SqliteStore:
    """A store in a file. Its operations take milliseconds, so they run in the event loop."""

    def __init__(self, path: Path | str, name: str, master: str) -> None:
        """Open or create the store ``name``; ``master`` is the one that assigns global ids."""
        self.name = name
        self._master = master
        self._connection = sqlite3.connect(path, isolation_level=None)
        # In WAL mode FULL makes each commit durable (SQLite's documentation, PRAGMA synchronous).
        self._connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_TABLES}")
        with self._transaction():
            if self._connection.execute("SELECT count(*) FROM store").fetchone() == (0,):
                self._connection.execute("INSERT INTO store VALUES (?, 0)", (str(uuid.uuid4()),))
        self.news: set[asyncio.Event] = set()
        """Set after every change of this store."""

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    async def identity(self) -> str:
        """Return the store's id, assigned at its creation."""
        return self._state()[0]

    async def changes(self, cursor: Cursor, item_types: Sequence[str], limit: int) -> Batch:
        """Return the next changes after a cursor, of some types (all if none are given)."""
        identity, last = self._state()
        after = cursor.position if cursor.source_id == identity else 0
        wanted = json.dumps(list(item_types))
        rows = self._connection.execute(
            f"SELECT {_COLUMNS}, changed FROM items WHERE changed > ? AND {_FILTER} ORDER BY changed LIMIT ?",  # noqa: S608 - constants
            (after, wanted, wanted, limit),
        ).fetchall()
        position = rows[-1][-1] if len(rows) == limit else last
        return Batch(identity, tuple(_item(row[:-1]) for row in rows), position)

    async def merge(self, items: Sequence[Item], cursor: Cursor | None) -> int:
        """Merge items, and keep the cursor in the same transaction; return the number of changed items."""
        with self._transaction():
            written = self._write(items)
            if cursor:
                self._keep(cursor)
        return self._told(written)

    async def cursor(self, source: str, target: str) -> Cursor:
        """Return the store's cursor for an integration, or one at the beginning."""
        row = self._connection.execute(
            "SELECT source_id, scope, position FROM cursors WHERE source = ? AND target = ?", (source, target)
        ).fetchone()
        return Cursor(source, target, *(row or ()))

    async def advance(self, cursor: Cursor) -> None:
        """Keep a cursor."""
        with self._transaction():
            self._keep(cursor)

    async def items(self, item_types: Sequence[str] = (), *, deleted: bool = False) -> list[Item]:
        """Return the store's items, with ``deleted`` also the tombstones."""
        wanted = json.dumps(list(item_types))
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM items WHERE (attributes IS NOT NULL OR ?) AND {_FILTER} ORDER BY type, name",  # noqa: S608 - constants
            (deleted, wanted, wanted),
        )
        return [_item(row) for row in rows]

    def put(self, item_type: str, name: str, attributes: Mapping[str, Any] | None) -> Item | None:
        """Write an item, or delete it (None); return it, or None if nothing changed."""
        with self._transaction():
            held = self._held([(item_type, name)]).get((item_type, name))
            if (held.attributes if held else None) == attributes:
                return None
            version = held.version + 1 if held else 1
            item = Item(item_type, name, attributes, version, self.name, held.global_id if held else None)
            written = self._write([item])
            found = self._held([item.key])[item.key]
        self._told(written)
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            # Also after a failed commit, for example on a full volume: otherwise the next transaction could not begin.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _state(self) -> tuple[str, int]:
        identity, changed = self._connection.execute("SELECT id, changed FROM store").fetchone()
        return identity, changed

    def _held(self, keys: Sequence[Key]) -> dict[Key, Item]:
        select = f"SELECT {_COLUMNS} FROM items WHERE type = ? AND name = ?"  # noqa: S608 - a constant
        rows = (self._connection.execute(select, key).fetchone() for key in keys)
        return {item.key: item for item in (_item(row) for row in rows if row)}

    def _write(self, items: Sequence[Item]) -> int:
        known = self._held([item.key for item in items])
        written = rule.changes(known, items, self._master, gives_ids=self.name == self._master)
        for item in written:
            (number,) = self._connection.execute("UPDATE store SET changed = changed + 1 RETURNING changed").fetchone()
            attributes = None if item.attributes is None else json.dumps(item.attributes)
            self._connection.execute(
                "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?)",
                (item.type, item.name, attributes, item.version, item.origin, item.global_id, number),
            )
        return len(written)

    def _keep(self, cursor: Cursor) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?, ?)",
            (cursor.source, cursor.target, cursor.source_id, cursor.scope, cursor.position),
        )

    def _told(self, written: int) -> int:
        for event in self.news if written else ():
            event.set()
        return written


def _item(row: Sequence[Any]) -> Item:
    item_type, name, attributes, version, origin, global_id = row
    return Item(item_type, name, None if attributes is None else json.loads(attributes), version, origin, global_id)
