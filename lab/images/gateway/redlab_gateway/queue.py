"""The queue's interface for the gateway: one thread does the disk work, and all waiting batches share a commit."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from redlab_gateway.batches import MAX_BODY_BYTES, Batch
from redlab_gateway.store import Chunk, Store

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class QueueUnavailableError(Exception):
    """The queue is full or cannot be written; the message tells which."""


@dataclass(frozen=True)
class Limits:
    """The capacity of the queue, and the space that it leaves free on its volume, so that it can always be emptied."""

    events: int
    size_bytes: int
    reserve_bytes: int


class Queue:
    """Accepts batches, hands out the oldest ones, removes processed ones."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="queue")
        self._waiting: list[tuple[Batch, asyncio.Future[None]]] = []
        self._committer: asyncio.Task[None] | None = None
        self._arrival = asyncio.Event()
        self._handed_out = 0  # id of the last batch ever handed out: no later one can have been processed
        self._processed = 0  # id of the last processed batch: kept ones are not handed out again
        self.failure: str | None = None  # why the last commit failed
        self.pending_events, self._pending_bytes = store.held()
        self._room_bytes = store.room_bytes()

    @property
    def full(self) -> str | None:
        """Why the largest batch would be refused; None if it would be accepted."""
        return self._full(1, MAX_BODY_BYTES)

    def _full(self, events: int, size_bytes: int) -> str | None:
        if self.pending_events + events > self._limits.events:
            return f"the queue is full: {self.pending_events} events wait"
        if self._pending_bytes + size_bytes > self._limits.size_bytes:
            return f"the queue is full: {self._pending_bytes} bytes wait"
        if self._room_bytes - size_bytes < self._limits.reserve_bytes:
            return f"the volume of the queue is full: {self._room_bytes} bytes are free"
        return None

    async def accept(self, batch: Batch) -> None:
        """Return once the batch is durable; raises QueueUnavailableError."""
        size_bytes = len(batch.body)
        if full := self._full(batch.events, size_bytes):
            raise QueueUnavailableError(full)
        self._count(batch.events, size_bytes)
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, durable))
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_waiting())
        await durable

    def _count(self, events: int, size_bytes: int) -> None:
        self.pending_events += events
        self._pending_bytes += size_bytes
        self._room_bytes -= size_bytes

    async def _commit_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            batches = [batch for batch, _ in group]
            try:
                room_bytes = await self._run(partial(self._done, self._store.append, batches))
            except sqlite3.Error as error:
                self._fails(error)
                self._count(-sum(batch.events for batch in batches), -sum(len(batch.body) for batch in batches))
                for _, durable in group:
                    if not durable.done():
                        durable.set_exception(QueueUnavailableError(self.failure))
                continue
            self.failure = None
            for _, durable in group:
                if not durable.done():
                    durable.set_result(None)
            self._arrival.set()
            self._found(room_bytes)
        self._committer = None

    def _done(self, step: Callable[[Result], None], argument: Result) -> int:
        """Change the queue; return the free space afterwards."""
        step(argument)
        return self._store.room_bytes()

    def _found(self, room_bytes: int) -> None:
        """Record the free space, without the batches that still wait for their commit."""
        self._room_bytes = room_bytes - sum(len(batch.body) for batch, _ in self._waiting)

    def _fails(self, error: sqlite3.Error) -> None:
        if self.failure is None:
            log.warning("the queue cannot be written: %s", error)
        self.failure = f"the queue cannot be written: {error}"

    async def oldest(self, max_events: int, max_bytes: int, wait_seconds: float) -> Chunk | None:
        """Return the oldest batches; if the queue is empty, wait for new ones, then return None."""
        self._arrival.clear()
        chunk = await self._oldest(max_events, max_bytes)
        if chunk is None and wait_seconds > 0:
            try:
                await asyncio.wait_for(self._arrival.wait(), wait_seconds)
            except TimeoutError:
                return None
            chunk = await self._oldest(max_events, max_bytes)
        return chunk

    async def _oldest(self, max_events: int, max_bytes: int) -> Chunk | None:
        chunk = await self._run(partial(self._store.oldest, max_events, max_bytes, self._processed))
        if chunk is not None:
            self._handed_out = max(self._handed_out, chunk.through)
        return chunk

    async def remove(self, queue: str, through: int) -> int:
        """Remove processed batches; an acknowledgement for another queue (a former volume) removes nothing.

        If the volume has no room for the removal, the position is remembered and :meth:`check` removes the batches
        later: the DPS does not get them again. After a restart of the gateway it does get them once more, which changes
        nothing.
        """
        before, through = self._processed, min(through, self._handed_out)
        if queue != self._store.identity or through <= before:
            return 0
        self._processed = through
        removed = await self._run(partial(self._store.held, before, through))
        self.pending_events -= removed.events
        self._pending_bytes -= removed.size_bytes
        try:
            self._found(await self._run(partial(self._done, self._store.remove, through)))
        except sqlite3.Error as error:
            self._fails(error)
        return removed.events

    async def oldest_age_seconds(self) -> float:
        """Return how long the oldest event has been waiting; 0 without events."""
        accepted_at = await self._run(partial(self._store.oldest_accepted_at, self._processed))
        return 0.0 if accepted_at is None else max(0.0, time.time() - accepted_at)

    async def check(self) -> str | None:
        """Return why commits fail, None if they work; after a failure a commit is tried."""
        if self.failure is not None:
            try:
                await self._run(partial(self._store.remove, self._processed))
                await self._run(partial(self._store.append, []))
                self.failure = None
            except sqlite3.Error as error:
                self._fails(error)
        self._found(await self._run(self._store.room_bytes))
        return self.failure

    async def close(self) -> None:
        """Wait for the commits in progress, then close the file."""
        if self._committer is not None:
            await self._committer
        await self._run(self._store.close)
        self._thread.shutdown()

    async def _run(self, step: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, step)
