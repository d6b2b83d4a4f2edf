"""Port 8081: the users' page and the latest events, both from the active DPS."""

import asyncio
import json
import logging
import time
from contextlib import aclosing
from typing import Any

import aiohttp
from aiohttp import web

from redlab_gateway.live import FullError, Live
from redlab_gateway.page import POLICY, render
from redlab_gateway.services import ServicesWatch

log = logging.getLogger(__name__)

_LIVE_SECONDS = 1.0
_LOOK_ON = 100
"""The limit of spectators at a time: each keeps a connection, and the load balancers reserve as many more."""
_READ_SECONDS = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=1.0, sock_connect=0.3)


class NotServedError(Exception):
    """No DPS can answer now; the message gives the reason."""


class Users:
    """The users' pages."""

    def __init__(self, watch: ServicesWatch, servers: dict[str, str], client: aiohttp.ClientSession) -> None:
        self._watch = watch
        self._servers = servers
        self._client = client
        self._seen = Live(self._message, _LIVE_SECONDS, _LOOK_ON)

    def add_routes(self, app: web.Application) -> None:
        """Serve the users' pages."""
        app.router.add_get("/", self._page)
        app.router.add_get("/api/v1/recent", self._recent)
        app.router.add_get("/api/v1/live", self._live)

    async def _recent(self, _: web.Request) -> web.Response:
        try:
            return web.json_response(await self._from_active())
        except NotServedError as error:
            return web.json_response({"error": str(error)}, status=503, headers={"Retry-After": "1"})

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Send a spectator the latest events repeatedly (server-sent events), until the connection ends."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        try:
            async with aclosing(self._seen.answers()) as answers:
                async for said in answers:
                    if not response.prepared:
                        await response.prepare(request)
                    async with asyncio.timeout(_READ_SECONDS):
                        await response.write(said)
        except FullError:
            busy = {"error": f"this gateway already has {_LOOK_ON} spectators"}
            return web.json_response(busy, status=503, headers={"Retry-After": "10"})
        except TimeoutError:
            log.info("a spectator does not read the events that are sent")
            if request.transport is not None:
                request.transport.abort()  # ending the answer would wait for the spectator, too
        return response

    async def _message(self) -> bytes:
        try:
            said: dict[str, Any] = await self._from_active()
        except NotServedError as error:
            said = {"error": str(error)}
        return f"data: {json.dumps(said)}\n\n".encode()

    async def _page(self, _: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": POLICY}
        try:
            page = render(await self._from_active(), None)
        except NotServedError as error:
            page, headers["Retry-After"] = render(None, str(error)), "1"
            return web.Response(text=page, content_type="text/html", status=503, headers=headers)
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _from_active(self) -> dict[str, Any]:
        name = self._watch.active()
        if name is None:
            raise NotServedError(self._watch.reason())
        url = self._servers.get(name)
        if url is None:
            raise NotServedError(f"{name} is active and unknown to this gateway")
        started = time.monotonic()
        try:
            async with self._client.get(f"{url}/v1/recent", timeout=_TIMEOUT) as answer:
                if answer.status != 200:
                    raise NotServedError(f"{name} answers {answer.status}")
                recent: dict[str, Any] = await answer.json()
                return recent
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.info("%s did not answer within %.1f s: %r", name, time.monotonic() - started, error)
            raise NotServedError(f"{name} does not answer") from None
