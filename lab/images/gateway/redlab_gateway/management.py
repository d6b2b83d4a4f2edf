"""The management API on port 8081: health, reassignment of services, the High Availability Controller."""

from aiohttp import web
from redlab_node.serving import document

from redlab_gateway.guard import Guard, error
from redlab_gateway.health import SystemHealth
from redlab_gateway.settings import Settings


class Management:
    """The operators' API."""

    def __init__(self, settings: Settings, health: SystemHealth, servers: dict[str, str], guard: Guard) -> None:
        self._settings = settings
        self._health = health
        self._servers = servers
        self._guard = guard

    def add_routes(self, app: web.Application) -> None:
        """Serve the management API."""
        app.router.add_get("/management/v1/health", self._guard(self._show))
        app.router.add_get("/management/v1/system-health", self._guard(self._show_all))
        app.router.add_post("/management/v1/services/reassign", self._guard(self._reassign))
        app.router.add_put("/management/v1/controller", self._guard(self._controller))

    async def _show(self, _: web.Request) -> web.Response:
        health = await self._health.known()
        if health["controller"]["automatic_failover"] is None:
            raise ConnectionError(self._health.reason())
        return web.json_response(health)

    async def _show_all(self, _: web.Request) -> web.Response:
        """Answer with the current knowledge, also while the database is away."""
        return web.json_response(await self._health.all_known(), headers={"Cache-Control": "no-store"})

    async def _reassign(self, request: web.Request) -> web.Response:
        to = await _member(request, "to")
        if not isinstance(to, str):
            return error(400, 'a body like {"to": "dps2"} is needed')
        if to not in self._servers:
            return error(404, f"no data processing server {to!r}; there are {', '.join(sorted(self._servers))}")
        epoch = await self._settings.reassign(to)
        return web.json_response({"assigned_to": to, "epoch": epoch})

    async def _controller(self, request: web.Request) -> web.Response:
        enabled = await _member(request, "automatic_failover")
        if not isinstance(enabled, bool):
            return error(400, 'a body like {"automatic_failover": true} is needed')
        await self._settings.set_automatic_failover(enabled)
        return web.json_response({"automatic_failover": enabled})


async def _member(request: web.Request, name: str) -> object:
    try:
        said = await document(request)
    except ValueError:
        return None
    return said.get(name) if isinstance(said, dict) else None
