"""The queue on the gateway's volume: SQLite, each commit is on disk before it returns. Blocking; for one thread."""

import os
import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from redlab_gateway.batches import Batch

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS identity (queue TEXT NOT NULL);
    -- AUTOINCREMENT: an id is never used twice, so a late acknowledgement cannot delete a newer batch.
    CREATE TABLE IF NOT EXISTS batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT, accepted_at REAL NOT NULL, events INTEGER NOT NULL, body BLOB NOT NULL
    );
"""
_LOG_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Chunk:
    """The oldest batches of the queue, for a DPS."""

    queue: str  # identity of the queue: a new volume is a new queue
    through: int  # id of the last batch inside
    events: int
    body: bytes  # JSON: [{"accepted_at": seconds since 1970, "request": the collector's body}, …]


class Held(NamedTuple):
    """The contents of the queue: events, and the bytes of their batches."""

    events: int
    size_bytes: int


class Store:
    """A durable first-in first-out queue of batches."""

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        # After a large commit the log shrinks, and the volume gets the space back.
        self._connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        self._connection.executescript(_SCHEMA)
        row = self._connection.execute("SELECT queue FROM identity").fetchone()
        if row is None:
            row = (uuid.uuid4().hex,)
            self._connection.execute("INSERT INTO identity VALUES (?)", row)
        self.identity: str = row[0]
        (self._page_bytes,) = self._connection.execute("PRAGMA page_size").fetchone()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def append(self, batches: Sequence[Batch]) -> None:
        """Add batches in one durable commit; an empty sequence still proves that commits work."""
        now = time.time()
        with self._transaction():
            self._connection.executemany(
                "INSERT INTO batch (accepted_at, events, body) VALUES (?, ?, ?)",
                ((now, batch.events, batch.body) for batch in batches),
            )
            if not batches:
                # A different value each time: SQLite writes and flushes only a change.
                (proofs,) = self._connection.execute("PRAGMA user_version").fetchone()
                self._connection.execute(f"PRAGMA user_version = {(proofs + 1) % 2**31}")

    def oldest(self, max_events: int, max_bytes: int, after: int = 0) -> Chunk | None:
        """Return the oldest batches after ``after``, at least one, up to about these limits; None without any."""
        parts: list[bytes] = []
        through = events = size = 0
        cursor = self._connection.execute(
            "SELECT id, accepted_at, events, body FROM batch WHERE id > ? ORDER BY id", (after,)
        )
        for batch, accepted_at, count, body in cursor:
            if parts and (events + count > max_events or size + len(body) > max_bytes):
                break
            parts.append(b'{"accepted_at":%.6f,"request":%b}' % (accepted_at, body))
            through, events, size = batch, events + count, size + len(body)
        cursor.close()
        return Chunk(self.identity, through, events, b"[%b]" % b",".join(parts)) if parts else None

    def remove(self, through: int) -> None:
        """Delete the batches up to this id."""
        with self._transaction():
            self._connection.execute("DELETE FROM batch WHERE id <= ?", (through,))

    def held(self, after: int = 0, through: int = 2**63 - 1) -> Held:
        """Count the queue's contents after one id, up to another."""
        row = self._connection.execute(
            "SELECT coalesce(sum(events), 0), coalesce(sum(length(body)), 0) FROM batch WHERE id > ? AND id <= ?",
            (after, through),
        ).fetchone()
        return Held(*row)

    def oldest_accepted_at(self, after: int = 0) -> float | None:
        """Return when the oldest batch after ``after`` was accepted, in seconds since 1970."""
        row = self._connection.execute(
            "SELECT accepted_at FROM batch WHERE id > ? ORDER BY id LIMIT 1", (after,)
        ).fetchone()
        return None if row is None else float(row[0])

    def room_bytes(self) -> int:
        """Return the free space in bytes: on the volume, and the unused pages of the file.

        It is zero while the volume has no room for the log, because each commit goes into the log first.
        """
        volume = os.statvfs(self._folder)
        free = volume.f_bavail * volume.f_frsize
        (pages,) = self._connection.execute("PRAGMA freelist_count").fetchone()
        return 0 if free < _LOG_BYTES else free + int(pages) * int(self._page_bytes)

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)


class _Transaction:
    """BEGIN … COMMIT, or ROLLBACK after any failure, including the commit's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
