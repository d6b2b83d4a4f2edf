"""A limit on the bytes of requests that a process holds: a further request waits for a while, then is refused.

This module does not depend on HTTP.
"""

import asyncio


class BusyError(Exception):
    """There was no room in time; the client may try again."""


class Bodies:
    """Room for a number of bytes, granted in the order of the requests for it."""

    def __init__(self, limit_bytes: int, wait_seconds: float, waiting: int) -> None:
        """Let at most ``waiting`` requests wait at a time, each for at most ``wait_seconds``."""
        self._limit_bytes = self.free_bytes = limit_bytes
        self._wait_seconds = wait_seconds
        self._most_waiting = waiting
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    async def take(self, size_bytes: int) -> int:
        """Take room as soon as it is free, and return its size; raises BusyError.

        A body larger than the whole room takes all of it. The caller has to :meth:`give` the room back.
        """
        size_bytes = min(size_bytes, self._limit_bytes)
        if self._turn.locked() or size_bytes > self.free_bytes:
            await self._wait(size_bytes)
        self.free_bytes -= size_bytes
        return size_bytes

    def give(self, size_bytes: int) -> None:
        """Return room that :meth:`take` granted."""
        self.free_bytes += size_bytes
        self._freed.set()

    async def _wait(self, size_bytes: int) -> None:
        if self._waiting >= self._most_waiting:
            raise BusyError
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds), self._turn:
                while size_bytes > self.free_bytes:
                    self._freed.clear()
                    await self._freed.wait()
        except TimeoutError:
            raise BusyError from None
        finally:
            self._waiting -= 1
