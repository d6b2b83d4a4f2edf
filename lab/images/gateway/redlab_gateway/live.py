"""One answer for all spectators, fetched once a second for any number of them. This module does not depend on HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable


class FullError(Exception):
    """The number of spectators has reached the limit."""


class Live:
    """The latest answer, for every spectator; without spectators nothing is fetched."""

    def __init__(self, ask: Callable[[], Awaitable[bytes]], every_seconds: float, limit: int) -> None:
        """``ask`` fetches the answer, and never fails."""
        self._ask = ask
        self._every_seconds = every_seconds
        self._limit = limit
        self._looking_on = 0
        self._said: bytes | None = None
        self._news = asyncio.Condition()
        self._asking: asyncio.Task[None] | None = None

    async def answers(self) -> AsyncIterator[bytes]:
        """Yield the latest answer now, and each later one; a slow spectator misses some. Raises FullError."""
        if self._looking_on >= self._limit:
            raise FullError
        self._looking_on += 1
        try:
            if self._asking is None:
                self._said = None
                self._asking = asyncio.create_task(self._go_on())
            seen = None
            while True:
                async with self._news:
                    while self._said is seen:
                        await self._news.wait()
                    seen = self._said
                assert seen is not None  # noqa: S101 it is only replaced
                yield seen
        finally:
            self._looking_on -= 1
            if not self._looking_on and self._asking is not None:
                self._asking.cancel()
                self._asking = None

    async def _go_on(self) -> None:
        while True:
            said = await self._ask()
            async with self._news:
                self._said = said
                self._news.notify_all()
            await asyncio.sleep(self._every_seconds)
