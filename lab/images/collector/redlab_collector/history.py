"""The history on stdout: one line for each operation. Writing never delays the sender."""

import asyncio
import os
import stat
from collections.abc import Callable


class History:
    """Writes lines to a file descriptor. A slow reader makes the buffer grow, at most to the whole history."""

    def __init__(self, write: Callable[[bytes], object], close: Callable[[], object]) -> None:
        self.write = write
        self.close = close

    @classmethod
    async def to(cls, descriptor: int, closed: Callable[[], object]) -> "History":
        """Open the history; `closed` is called when the reader has gone, or all lines are written after close()."""
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            # A regular file is always ready, and the loop cannot wait for it.
            return cls(lambda line: os.write(descriptor, line), closed)
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(descriptor, "wb", buffering=0)
        transport, _ = await loop.connect_write_pipe(lambda: _Pipe(closed), pipe)
        return cls(transport.write, transport.close)


class _Pipe(asyncio.BaseProtocol):
    def __init__(self, closed: Callable[[], object]) -> None:
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._closed()
