"""One HTTP request on its own connection.

The code uses raw protocol callbacks and a parser of a few lines, on uvloop, instead of an HTTP client, because the load
generator shares two cores with the lab.
"""

import asyncio
import os
import time
from dataclasses import dataclass
from typing import cast

from redlab_collector.answer import Answer, parse
from redlab_collector.operation import Outcome
from redlab_collector.target import Target


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs of one exchange, in seconds; `total_seconds` includes connecting."""

    connect_seconds: float = 0.3
    total_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of an exchange: an answer, or the reason why there is none."""

    outcome: Outcome
    answer: Answer | None = None
    detail: str = ""


class _Exchange(asyncio.Protocol):
    """Reads the answer; completes the future `ended` with the ending."""

    def __init__(self, ended: asyncio.Future[Ending]) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio.Transport, but not its type.
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> None:
        """Send the request on the open connection."""
        assert self._transport is not None  # noqa: S101 - the caller has waited for it
        self._transport.write(request)

    def abort(self) -> None:
        """Close the connection at once, if there is one."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._read(ended=False)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            self._read(ended=True)
        else:
            self._end(Ending(Outcome.UNKNOWN, detail=_reason(exc)))

    def _read(self, *, ended: bool) -> None:
        try:
            answer = parse(self._received, ended=ended)
        except ValueError as error:
            self._end(Ending(Outcome.UNKNOWN, detail=str(error)))
        else:
            if answer is not None:
                self._end(Ending(answer.outcome, answer, "" if answer.status == 200 else "HTTP error"))

    def _end(self, ending: Ending) -> None:
        if not self._ended.done():
            self._ended.set_result(ending)


async def exchange(target: Target, request: bytes, limits: Limits) -> Ending:
    """Send `request` (a complete HTTP/1.1 request with `Connection: close`) to `target` once; return its ending."""
    loop = asyncio.get_running_loop()
    deadline = time.monotonic() + limits.total_seconds
    ended: asyncio.Future[Ending] = loop.create_future()
    protocol = _Exchange(ended)
    try:
        try:
            async with asyncio.timeout(limits.connect_seconds):
                await loop.create_connection(lambda: protocol, *target.address, ssl=target.tls)
        except TimeoutError:
            # The request is sent after this block: on a busy machine the time-out may come although a connection
            # exists.
            return Ending(Outcome.FAIL, detail="connect time-out")
        except OSError as error:
            return Ending(Outcome.FAIL, detail=_reason(error))
        protocol.send(request)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await ended
        except TimeoutError:
            return Ending(Outcome.UNKNOWN, detail="time-out")
    finally:
        protocol.abort()


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
