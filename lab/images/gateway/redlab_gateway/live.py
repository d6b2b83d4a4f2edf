"""What everybody who looks on sees: asked for once a second, whoever many they are. Nothing here knows of HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable


class FullError(Exception):
    """As many look on as may."""


class Live:
    """The last answer, for each who looks on; nothing is asked while nobody does."""

    def __init__(self, ask: Callable[[], Awaitable[bytes]], every_seconds: float, limit: int) -> None:
        """``ask`` says what is to be seen, and never fails."""
        self._ask = ask
        self._every_seconds = every_seconds
        self._limit = limit
        self._looking_on = 0
        self._said: bytes | None = None
        self._news = asyncio.Condition()
        self._asking: asyncio.Task[None] | None = None

    async def answers(self) -> AsyncIterator[bytes]:
        """Yield the last answer now, and each that follows; who is slow misses some. Raises FullError."""
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
