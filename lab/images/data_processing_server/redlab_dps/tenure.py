"""This process's hold on the services, as far as the process can prove it to itself."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Tenure:
    """The state of this node, and the gate for every write."""

    def __init__(self) -> None:
        self.epoch: int | None = None  # the epoch held; None for a standby
        self._started = False
        self._valid_until = 0.0  # monotonic; the lease lasts at least until then
        self._lost = False  # the hold was taken away, and the lease was not read since
        self._writes = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._open = asyncio.Event()

    @property
    def state(self) -> str:
        """Return active, starting, standby, or fenced: a hold that was lost or cannot be proven."""
        if self.epoch is None:
            return "fenced" if self._lost else "standby"
        if time.monotonic() >= self._valid_until:
            return "fenced"
        return "active" if self._started else "starting"

    def begin(self, epoch: int, valid_until: float) -> None:
        """Hold the services from now on; they have not started yet."""
        self.epoch, self._valid_until, self._started, self._lost = epoch, valid_until, False, False

    def start(self) -> None:
        """Start the services: writes may begin."""
        self._started = True
        self._open.set()

    def prolong(self, valid_until: float) -> None:
        """Extend the hold: the lease was renewed."""
        self._valid_until = valid_until

    def end(self, *, lost: bool) -> None:
        """End the hold: no write begins from now on."""
        self.epoch, self._started, self._lost = None, False, lost
        self._open.clear()

    def seen(self) -> None:
        """Become an ordinary standby again: the lease was read, and another node has it."""
        self._lost = False

    @contextmanager
    def writing(self) -> Iterator[int | None]:
        """Give the epoch for a write, None if this node may not write."""
        self._writes += 1
        self._idle.clear()
        try:
            yield self.epoch if self.state == "active" else None
        finally:
            self._writes -= 1
            if not self._writes:
                self._idle.set()

    async def quiet(self) -> None:
        """Wait until no write is in progress."""
        await self._idle.wait()

    async def open(self) -> None:
        """Wait until the services are started."""
        await self._open.wait()
