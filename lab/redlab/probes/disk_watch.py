"""Watches the machine's disk while something is measured."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from redlab.measure.stall import STALL_SECONDS, Stall
from redlab.stack import checkout

EVERY_SECONDS = 0.5
_JOIN_SECONDS = 5


class DiskWatch:
    """Syncs a few bytes every half second as long as it is entered; what took long is in ``stalls``.

    It is the disk of this checkout: with a local engine usually that of the containers too.
    """

    def __init__(
        self,
        sync: Callable[[int], None] = os.fsync,
        clock: Callable[[], float] = time.monotonic,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self.stalls: list[Stall] = []
        self._sync = sync
        self._clock = clock
        self._every_seconds = every_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="disk watch", daemon=True)

    def __enter__(self) -> Self:
        checkout.RUN.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(_JOIN_SECONDS)

    def _watch(self) -> None:
        # A disk that is full fails whoever needs it; that it is not watched then changes no result.
        with suppress(OSError), tempfile.TemporaryFile(dir=checkout.RUN) as file:
            while not self._ended.wait(self._every_seconds):
                started = self._clock()
                os.pwrite(file.fileno(), b"0", 0)
                self._sync(file.fileno())
                took_seconds = self._clock() - started
                if took_seconds >= STALL_SECONDS:
                    self.stalls.append(Stall(started, took_seconds))
