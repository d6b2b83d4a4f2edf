"""The management API on port 8081: health, reassignment of services, the High Availability Controller."""

import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from redlab_node.serving import authorized

from redlab_gateway.health import SystemHealth
from redlab_gateway.sessions import Sessions
from redlab_gateway.settings import Settings
from redlab_gateway.system_health import from_own_page

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Management:
    """What operators call, with the administrator's token or a session that was logged in to with it."""

    def __init__(
        self, settings: Settings, health: SystemHealth, servers: dict[str, str], token: str, sessions: Sessions
    ) -> None:
        self._settings = settings
        self._health = health
        self._servers = servers
        self._token = token
        self._sessions = sessions

    def add_routes(self, app: web.Application) -> None:
        """Serve the management API."""
        app.router.add_get("/management/v1/health", self._guarded(self._show))
        app.router.add_get("/management/v1/system-health", self._guarded(self._show_all))
        app.router.add_post("/management/v1/services/reassign", self._guarded(self._reassign))
        app.router.add_put("/management/v1/controller", self._guarded(self._controller))

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.Response:
            if not from_own_page(request):
                return _error(403, "another page asks")
            if not authorized(request, self._token) and not self._logged_in(request):
                return _error(401, "the administrator's token is needed", {"WWW-Authenticate": "Bearer"})
            try:
                return await handler(request)
            except ConnectionError as error:
                return _error(503, str(error), {"Retry-After": "1"})

        return guarded

    async def _show(self, _: web.Request) -> web.Response:
        health = await self._health.known()
        if health["controller"]["automatic_failover"] is None:
            raise ConnectionError("the database does not answer")
        return web.json_response(health)

    async def _show_all(self, _: web.Request) -> web.Response:
        """What can be known now, also while the database is away."""
        return web.json_response(await self._health.all_known(), headers={"Cache-Control": "no-store"})

    def _logged_in(self, request: web.Request) -> bool:
        session = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self._sessions.valid(session, time.time())

    async def _reassign(self, request: web.Request) -> web.Response:
        to = await _member(request, "to")
        if not isinstance(to, str):
            return _error(400, 'a body like {"to": "dps2"} is needed')
        if to not in self._servers:
            return _error(404, f"no data processing server {to!r}; there are {', '.join(sorted(self._servers))}")
        epoch = await self._settings.reassign(to)
        return web.json_response({"assigned_to": to, "epoch": epoch})

    async def _controller(self, request: web.Request) -> web.Response:
        enabled = await _member(request, "automatic_failover")
        if not isinstance(enabled, bool):
            return _error(400, 'a body like {"automatic_failover": true} is needed')
        await self._settings.set_automatic_failover(enabled)
        return web.json_response({"automatic_failover": enabled})


async def _member(request: web.Request, name: str) -> object:
    try:
        document = await request.json()
    except ValueError:
        return None
    return document.get(name) if isinstance(document, dict) else None


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": message}, status=status, headers=headers)
