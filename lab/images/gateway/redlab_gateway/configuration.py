"""The part of the management API for an instance's configuration, and for the alerts that fired."""

from aiohttp import web
from redlab_node import strict_json
from redlab_node.configured import KINDS, InvalidContentError, check

from redlab_gateway.configuration_store import ConfigurationStore
from redlab_gateway.guard import Guard, NotFoundError, error

MAXIMUM_BYTES = 16 * 1024
_PATH = "/management/v1/configuration"


class ConfigurationApi:
    """Operators list, write and delete items of the configuration with it."""

    def __init__(self, store: ConfigurationStore, guard: Guard) -> None:
        self._store = store
        self._guard = guard

    def add_routes(self, app: web.Application) -> None:
        """Serve the API."""
        app.router.add_get(_PATH, self._guard(self._list))
        app.router.add_get(f"{_PATH}/{{kind}}", self._guard(self._list))
        app.router.add_get(f"{_PATH}/{{kind}}/{{name}}", self._guard(self._show))
        app.router.add_put(f"{_PATH}/{{kind}}/{{name}}", self._guard(self._put))
        app.router.add_delete(f"{_PATH}/{{kind}}/{{name}}", self._guard(self._delete))
        app.router.add_get("/management/v1/alerts", self._guard(self._fired))

    async def _list(self, request: web.Request) -> web.Response:
        kind = _kind(request) if "kind" in request.match_info else None
        return web.json_response({"kinds": KINDS, "items": await self._store.items(kind)})

    async def _show(self, request: web.Request) -> web.Response:
        kind, name = _place(request)
        for item in await self._store.items(kind, name):
            return web.json_response(item)
        raise _missing(kind, name)

    async def _put(self, request: web.Request) -> web.Response:
        kind, name = _kind(request), request.match_info["name"]
        body = await request.read()
        if len(body) > MAXIMUM_BYTES:
            return error(413, f"the content of {kind} {name[:200]} is longer than {MAXIMUM_BYTES} bytes")
        try:
            content = strict_json.load(body)
            check(kind, name, content)
        except (strict_json.RefusedError, InvalidContentError) as refused:
            return error(400, str(refused))
        created = await self._store.put(kind, name, content)
        return web.json_response({"kind": kind, "name": name, "created": created}, status=201 if created else 200)

    async def _delete(self, request: web.Request) -> web.Response:
        kind, name = _place(request)
        if not await self._store.delete(kind, name):
            raise _missing(kind, name)
        return web.json_response({"kind": kind, "name": name})

    async def _fired(self, _: web.Request) -> web.Response:
        return web.json_response({"alerts": await self._store.fired()})


def _kind(request: web.Request) -> str:
    kind = request.match_info["kind"]
    if kind not in KINDS:
        raise NotFoundError(f"no kind {kind[:200]!r}; there are: {', '.join(KINDS)}")
    return kind


def _place(request: web.Request) -> tuple[str, str]:
    kind, name = _kind(request), request.match_info["name"]
    if "\0" in name:  # PostgreSQL refuses it even in a query
        raise _missing(kind, name)
    return kind, name


def _missing(kind: str, name: str) -> NotFoundError:
    return NotFoundError(f"no {kind} {name[:200]!r}")
