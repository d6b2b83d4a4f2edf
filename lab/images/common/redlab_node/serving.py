"""HTTP servers that several ports of one process share, and the way they end."""

import asyncio
import hmac
import signal
from collections.abc import Mapping

from aiohttp import web


def application(node: str, max_body_bytes: int = 64 * 1024) -> web.Application:
    """Return an application that names its node in every response; a larger body is answered with 413."""
    app = web.Application(client_max_size=max_body_bytes)

    async def name_the_node(_: object, response: web.StreamResponse) -> None:
        response.headers["X-Redlab-Node"] = node

    app.on_response_prepare.append(name_the_node)
    return app


def authorized(request: web.Request, token: str) -> bool:
    """Whether a request brings the administrator's token."""
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    # Compared in constant time: the answer's delay tells nothing about the token.
    return hmac.compare_digest(given, f"Bearer {token}".encode())


async def listen(applications: Mapping[int, web.Application]) -> list[web.AppRunner]:
    """Serve each application on its port, on every address of the container."""
    runners = []
    for port, app in applications.items():
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, port=port, shutdown_timeout=1, backlog=1024).start()
        runners.append(runner)
    return runners


async def close(runners: list[web.AppRunner]) -> None:
    """Stop serving."""
    await asyncio.gather(*(runner.cleanup() for runner in runners))


def stop_requested() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    event = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    return event
