"""HTTP servers on several ports of one process: their demands on a request, and their shutdown."""

import asyncio
import hmac
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from aiohttp import web
from multidict import istr

from redlab_node import encryption, environment, strict_json
from redlab_node.attempts import Attempts
from redlab_node.bodies import Bodies, BusyError

log = logging.getLogger(__name__)
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BODY_SECONDS = 3.0
"""The time for a whole body to arrive: half a second at 16 Mbit/s; a load balancer waits for at most 1.6 s."""
_ROOM_SECONDS = 1.0
_MOST_WAITING = 64
"""Each waiting request holds the part of its body that was read ahead, at most 128 KiB."""
_ENDING_SECONDS = 1.0
"""For the request of a connection that ends for another certificate."""
_ENDING: set[asyncio.Future[Any]] = set()
"""What ends such connections: held here, since the event loop holds it weakly."""
_ATTEMPTS = Attempts()
_BODIES = Bodies(environment.memory_bytes() // 16, _ROOM_SECONDS, _MOST_WAITING)
_NODE = istr("X-Redlab-Node")
_HEADERS = (
    (
        istr("Content-Security-Policy"),
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (istr("Referrer-Policy"), "no-referrer"),
    (istr("X-Content-Type-Options"), "nosniff"),
)
"""The headers of every answer; a handler may replace them. An istr is folded to lower case only once."""
_NOT_UNDERSTOOD = (OverflowError, RecursionError, UnicodeError)
"""Exceptions for values that no handler expects: a number too large for any column, text without an encoding."""


def application(node: str, max_body_bytes: int = 64 * 1024) -> web.Application:
    """Return an application that names its node in every response. A larger body is answered with 413."""

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass a request to the handler once its body is complete, unencoded and small enough."""
        if "Content-Encoding" in request.headers:
            return _refused(415, "a body is taken as it is: without Content-Encoding")
        try:
            if not request.body_exists:
                return await handler(request)
            return await _with_body(request, handler, max_body_bytes)
        except BusyError:
            return _refused(503, "too many bodies at once", {"Retry-After": "1"})
        except _NOT_UNDERSTOOD as error:
            log.warning("%s %s not understood: %r", request.method, request.path[:200], error)
            return _refused(400, f"not understood: {type(error).__name__}")

    async def describe(_: object, response: web.StreamResponse) -> None:
        headers = response.headers
        headers[_NODE] = node
        for name, value in _HEADERS:
            headers.setdefault(name, value)

    app = web.Application(client_max_size=max_body_bytes, middlewares=[admit])
    app.on_response_prepare.append(describe)
    return app


async def _with_body(request: web.Request, handler: Handler, max_body_bytes: int) -> web.StreamResponse:
    """Pass a request to the handler once its body is complete; raises BusyError if there is no room for the body."""
    length_bytes = request.content_length
    if length_bytes is None:
        length_bytes = max_body_bytes
    elif length_bytes > max_body_bytes:
        return _refused(413, f"a body has at most {max_body_bytes} bytes")
    room_bytes = await _BODIES.take(length_bytes)
    try:
        if not await _arrived(request):
            return _refused(408, f"the body did not arrive within {_BODY_SECONDS:.0f} s")
        return await handler(request)
    finally:
        _BODIES.give(room_bytes)


async def _arrived(request: web.Request) -> bool:
    """Read a body; return whether it was complete in time. Most come with their headers and need no time-out."""
    if request.content.is_eof():
        await request.read()
        return True
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            await request.read()
    except TimeoutError:
        return False
    return True


def _refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": message}, status=status, headers=headers)


async def document(request: web.Request) -> Any:
    """Return a body's document, in JSON that PostgreSQL can store. Raises strict_json.RefusedError, a ValueError."""
    return strict_json.load(await request.read())


def client_of(request: web.Request) -> str:
    """Return the client's address as the load balancer reports it; a value that the client sends is deleted there."""
    return request.headers.get("X-Forwarded-For", request.remote or "").rpartition(",")[2].strip()


def wrong(attempts: Attempts, client: str, message: str) -> web.Response:
    """Answer a wrong password or token: with 401, and with 429 after several of them."""
    now = time.monotonic()
    wait_seconds = attempts.wait_seconds(client, now)
    if wait_seconds > 0:
        seconds = int(wait_seconds) + 1
        return _refused(429, f"{message}; after several wrong ones, wait {seconds} s", {"Retry-After": str(seconds)})
    attempts.failed(client, now)
    return _refused(401, message, {"WWW-Authenticate": "Bearer"})


def refusal(request: web.Request, token: str) -> web.Response | None:
    """Return the answer for a caller who is not the administrator, None for the administrator."""
    if authorized(request, token):
        return None
    message = "the administrator's token is needed"
    if "Authorization" not in request.headers:
        return _refused(401, message, {"WWW-Authenticate": "Bearer"})
    return wrong(_ATTEMPTS, client_of(request), message)


def authorized(request: web.Request, token: str) -> bool:
    """Tell whether a request has the administrator's token."""
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    # Compared in constant time: the response time reveals nothing about the token.
    return hmac.compare_digest(given, f"Bearer {token}".encode())


async def listen(applications: Mapping[int, web.Application]) -> list[web.AppRunner]:
    """Serve each application on its port, on every address of the container.

    Where the node has a certificate that is by TLS alone, but at 127.0.0.1. SIGHUP has it read again, and ends the
    connections that there are, each after its request, or a second.
    """
    runners: list[web.AppRunner] = []
    certificate = encryption.server()
    for port, app in applications.items():
        # Without a limit on the inflated size, no body is inflated.
        runner = web.AppRunner(app, access_log=None, handle_signals=False, auto_decompress=False, lingering_time=1.0)
        await runner.setup()
        by_tls = {"ssl_context": certificate.context, "reuse_port": True} if certificate else {}
        await web.TCPSite(runner, port=port, shutdown_timeout=1, backlog=1024, **by_tls).start()
        if certificate:
            # Of two sockets with one port the kernel takes the one whose address is given.
            await web.TCPSite(runner, "127.0.0.1", port, shutdown_timeout=1, reuse_port=True).start()
        runners.append(runner)
    if certificate:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _renew, certificate, runners)
    return runners


def _renew(certificate: encryption.Server, runners: list[web.AppRunner]) -> None:
    try:
        certificate.load()
    except environment.InvalidEnvironmentError as mistake:
        log.warning("the certificate stays: %s", mistake)
        return
    connections = [each for runner in runners if runner.server for each in runner.server.connections]
    for connection in connections:
        connection.close()
    ending = asyncio.gather(*(connection.shutdown(_ENDING_SECONDS) for connection in connections))
    _ENDING.add(ending)
    ending.add_done_callback(_ENDING.discard)
    log.info("the certificate was read again")


async def close(runners: list[web.AppRunner]) -> None:
    """Stop serving."""
    await asyncio.gather(*(runner.cleanup() for runner in runners))


def stop_requested() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    event = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    return event
