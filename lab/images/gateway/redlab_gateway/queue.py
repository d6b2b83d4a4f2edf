"""The queue as the rest of the gateway uses it: one thread does the disk work, all waiting batches share a commit."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from redlab_gateway.batches import Batch
from redlab_gateway.store import Chunk, Store

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class QueueUnavailableError(Exception):
    """The queue is full or cannot be written; the message says which."""


class Queue:
    """Accepts batches, hands out the oldest ones, removes what was processed."""

    def __init__(self, store: Store, limit_events: int) -> None:
        self._store = store
        self._limit_events = limit_events
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="queue")
        self._waiting: list[tuple[Batch, asyncio.Future[None]]] = []
        self._committer: asyncio.Task[None] | None = None
        self._arrival = asyncio.Event()
        self.failure: str | None = None  # why the last commit failed
        self.pending_events = store.pending_events()

    async def accept(self, batch: Batch) -> None:
        """Return once the batch is durable; raises QueueUnavailableError."""
        if self.pending_events + batch.events > self._limit_events:
            raise QueueUnavailableError(f"the queue is full: {self.pending_events} events wait")
        self.pending_events += batch.events
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, durable))
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_waiting())
        await durable

    async def _commit_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            batches = [batch for batch, _ in group]
            try:
                await self._run(partial(self._store.append, batches))
            except sqlite3.Error as error:
                self.failure = f"the queue cannot be written: {error}"
                log.warning(self.failure)
                self.pending_events -= sum(batch.events for batch in batches)
                for _, durable in group:
                    if not durable.done():
                        durable.set_exception(QueueUnavailableError(self.failure))
                continue
            self.failure = None
            for _, durable in group:
                if not durable.done():
                    durable.set_result(None)
            self._arrival.set()
        self._committer = None

    async def oldest(self, max_events: int, max_bytes: int, wait_seconds: float) -> Chunk | None:
        """Return the oldest batches; waits for some when the queue is empty, then None."""
        self._arrival.clear()
        chunk = await self._run(partial(self._store.oldest, max_events, max_bytes))
        if chunk is None and wait_seconds > 0:
            try:
                await asyncio.wait_for(self._arrival.wait(), wait_seconds)
            except TimeoutError:
                return None
            chunk = await self._run(partial(self._store.oldest, max_events, max_bytes))
        return chunk

    async def remove(self, queue: str, through: int) -> int:
        """Forget what was processed; an acknowledgement meant for another queue (a former volume) removes nothing."""
        if queue != self._store.identity:
            return 0
        removed = await self._run(partial(self._store.remove, through))
        self.pending_events -= removed
        return removed

    async def oldest_age_seconds(self) -> float:
        """Return for how long the oldest event has been waiting; 0 when none is."""
        accepted_at = await self._run(self._store.oldest_accepted_at)
        return 0.0 if accepted_at is None else max(0.0, time.time() - accepted_at)

    async def check(self) -> str | None:
        """Return why commits fail, None when they work; after a failure a commit is tried."""
        if self.failure is not None:
            try:
                await self._run(partial(self._store.append, []))
                self.failure = None
            except sqlite3.Error as error:
                self.failure = f"the queue cannot be written: {error}"
        return self.failure

    async def close(self) -> None:
        """Wait for the commits under way, then close the file."""
        if self._committer is not None:
            await self._committer
        await self._run(self._store.close)
        self._thread.shutdown()

    async def _run(self, step: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, step)
