"""The load's outcome of an attempt: `fail` only if no gateway can have accepted it."""

import asyncio
import socket
from typing import Any

import pytest
from redlab_collector.exchange import Ending, Limits, exchange
from redlab_collector.operation import Outcome
from redlab_collector.target import Target

REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def attempt(answer: bytes | None, limits: Limits, connect_delay_seconds: float = 0) -> tuple[Ending, bytes]:
    """Make one attempt at a server with this answer; return the ending and the bytes that the server received."""

    async def run() -> tuple[Ending, bytes]:
        received = bytearray()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            received.extend(await reader.read(1000))
            if answer is not None:
                writer.write(answer)
                await writer.drain()
                writer.close()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        loop = asyncio.get_running_loop()
        connect = loop.create_connection

        async def slow(*arguments: Any, **options: Any) -> Any:
            made = await connect(*arguments, **options)
            await asyncio.sleep(connect_delay_seconds)
            return made

        loop.create_connection = slow
        async with server:
            ending = await exchange(Target("server", server.sockets[0].getsockname()), REQUEST, limits)
            server.close()
            await server.wait_closed()
        return ending, bytes(received)

    return asyncio.run(run())


def test_an_answer_is_ok() -> None:
    ending, received = attempt(OK, Limits(5, 5))
    assert (ending.outcome, received) == (Outcome.OK, REQUEST)


def test_no_answer_after_sending_is_unknown() -> None:
    ending, received = attempt(None, Limits(5, 0.05))
    assert (ending.outcome, received) == (Outcome.UNKNOWN, REQUEST)


def test_a_late_connection_fails_and_nothing_is_sent() -> None:
    """As on a busy machine, where the time-out is served before the connection that has been made."""
    ending, received = attempt(OK, Limits(0.05, 5), connect_delay_seconds=1)
    assert (ending.outcome, ending.detail, received) == (Outcome.FAIL, "connect time-out", b"")


def test_a_refused_connection_fails() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = unused.getsockname()
    assert asyncio.run(exchange(Target("server", address), REQUEST, Limits(5, 5))).outcome is Outcome.FAIL


@pytest.mark.parametrize("cut", [b"", b"HTTP/1.1 200"])
def test_an_answer_that_is_cut_off_is_unknown(cut: bytes) -> None:
    assert attempt(cut, Limits(5, 0.5))[0].outcome is Outcome.UNKNOWN
