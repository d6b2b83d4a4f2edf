"""A gateway's queue on a full volume: it reports that, can be emptied, and accepts events again by itself."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redlab_gateway.batches import MAX_BODY_BYTES, Batch
from redlab_gateway.queue import Limits, Queue, QueueUnavailableError
from redlab_gateway.store import Store

MIB = 1024 * 1024
PLENTY = Limits(events=1000, size_bytes=1024 * MIB, reserve_bytes=1)


def batch(seq: int, size: int = 100) -> Batch:
    body = {"collector": "c", "events": [{"seq": seq, "data": {"text": "x" * size}}]}
    return Batch(json.dumps(body).encode(), 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "queue.sqlite")
    yield made
    made.close()


def on_a_volume(monkeypatch: pytest.MonkeyPatch, free_bytes: int) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((1, 1, 0, 0, free_bytes, 0, 0, 0, 0, 255)))


class Full:
    """The connection of a store whose volume is full: nothing can be written or deleted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
        if statement.startswith("BEGIN"):
            raise sqlite3.OperationalError("database or disk is full")
        return self.connection.execute(statement, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


def test_processed_batches_are_not_handed_out_again_while_they_cannot_be_deleted(store: Store) -> None:
    async def run() -> None:
        queue = Queue(store, PLENTY)
        for seq in (1, 2, 3):
            await queue.accept(batch(seq))
        writable, store._connection = store._connection, Full(store._connection)  # type: ignore[assignment]
        first = await queue.oldest(1, MIB, 0)
        assert first is not None
        assert await queue.remove(first.queue, first.through) == 1
        assert queue.pending_events == 2
        second = await queue.oldest(1, MIB, 0)
        assert second is not None
        assert second.through > first.through
        assert await queue.remove(second.queue, second.through) == 1
        assert await queue.remove(second.queue, second.through) == 0
        assert "full" in (await queue.check() or "")
        with pytest.raises(QueueUnavailableError, match="full"):
            await queue.accept(batch(4))

        store._connection = writable
        assert await queue.check() is None
        assert store.held().events == queue.pending_events == 1
        await queue.accept(batch(4))
        last = await queue.oldest(10, MIB, 0)
        assert last is not None
        assert [one["request"]["events"][0]["seq"] for one in json.loads(last.body)] == [3, 4]
        assert await queue.oldest_age_seconds() > 0

    asyncio.run(run())


def test_an_acknowledgement_of_batches_never_handed_out_removes_nothing(store: Store) -> None:
    async def run() -> None:
        queue = Queue(store, PLENTY)
        await queue.accept(batch(1))
        assert await queue.remove(store.identity, 2**63 - 1) == 0
        chunk = await queue.oldest(1, MIB, 0)
        assert chunk is not None
        assert await queue.remove("another", chunk.through) == 0
        assert await queue.remove(store.identity, 2**63 - 1) == 1
        # What comes later has a higher number, and is not hidden by it.
        await queue.accept(batch(2))
        assert await queue.oldest(1, MIB, 0) is not None

    asyncio.run(run())


def test_the_queue_is_bounded_in_bytes(store: Store) -> None:
    async def run() -> None:
        queue = Queue(store, Limits(1000, 2 * MIB, 1))
        assert queue.full is None
        await queue.accept(batch(1, MAX_BODY_BYTES - 1000))
        await queue.accept(batch(2, MAX_BODY_BYTES // 2))
        assert "bytes wait" in (queue.full or "")
        with pytest.raises(QueueUnavailableError, match="bytes wait"):
            await queue.accept(batch(3, MAX_BODY_BYTES - 1000))
        chunk = await queue.oldest(1, MIB, 0)
        assert chunk is not None
        await queue.remove(chunk.queue, chunk.through)
        assert queue.full is None
        await queue.accept(batch(3, MAX_BODY_BYTES - 1000))

    asyncio.run(run())
    assert Queue(store, Limits(1000, 2 * MIB, 1)).full  # counted anew after a restart


def test_a_reserve_of_the_volume_stays_free(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        queue = Queue(store, Limits(1000, 1024 * MIB, 32 * MIB))
        assert await queue.check() is None
        assert queue.full is None
        on_a_volume(monkeypatch, 32 * MIB)
        assert await queue.check() is None  # nothing fails yet
        assert "volume" in (queue.full or "")
        with pytest.raises(QueueUnavailableError, match="volume"):
            await queue.accept(batch(1))
        on_a_volume(monkeypatch, 40 * MIB)
        await queue.check()
        assert queue.full is None
        await queue.accept(batch(1))

    asyncio.run(run())


def test_room_that_earlier_batches_have_left_in_the_file_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for seq in range(4):
        store.append([batch(seq, MIB)])
    on_a_volume(monkeypatch, 10 * MIB)
    before = store.room_bytes()
    store.remove(2**63 - 1)
    assert store.room_bytes() > before + 3 * MIB
    on_a_volume(monkeypatch, MIB)
    assert store.room_bytes() == 0  # no commit fits into the log


def test_batches_that_wait_for_their_commit_count(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[object]:
        on_a_volume(monkeypatch, 20 * MIB)
        queue = Queue(store, Limits(1000, 1024 * MIB, 10 * MIB))
        await queue.check()
        return await asyncio.gather(*(queue.accept(batch(seq, MIB)) for seq in range(30)), return_exceptions=True)

    refused = [one for one in asyncio.run(run()) if isinstance(one, QueueUnavailableError)]
    assert len(refused) >= 20
    assert store.held().events == 30 - len(refused)
