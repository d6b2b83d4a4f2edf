"""The HTTP API of a desk, and its web page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from html import escape
from typing import Any, TypeAlias

from aiohttp import web
from redlab_node.callers import counted
from redlab_node.serving import application, document, refusal
from redlab_node.strict_json import RefusedError

from redlab_action.action import InvalidRequestError, Kind, parse
from redlab_action.store import Performed, Store, UnavailableError
from redlab_action.ucmdb import Ucmdb

_MAXIMUM_BYTES = 1024 * 1024
_LATEST = 20
_HEALTH = ("/livez", "/readyz", "/v1/status")
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers the twin instances and the users of the web page."""

    def __init__(self, node: str, kind: Kind, store: Store, token: str, ucmdb: Ucmdb) -> None:
        self._node = node
        self._kind = kind
        self._store = store
        self._token = token
        self._callers: Counter[str] = Counter()
        self._ucmdb = ucmdb

    def application(self) -> web.Application:
        """Return the application."""
        app = application(self._node, _MAXIMUM_BYTES)
        counted(app, self._callers, _HEALTH)
        app.middlewares.append(_explain)
        app.router.add_post(f"/v1/{self._kind.collection}", self._perform)
        app.router.add_get(f"/v1/{self._kind.collection}", self._list)
        app.router.add_get("/v1/status", self._status)
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._status)
        app.router.add_get("/", self._page)
        return app

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"node": self._node})

    async def _perform(self, request: web.Request) -> web.Response:
        if (refused := refusal(request, self._token)) is not None:
            return refused
        actions = parse(await document(request))
        done = await self._store.perform(actions)
        return web.json_response({"actions": [_told(one.cma, done[one.cma]) for one in actions]})

    async def _list(self, _: web.Request) -> web.Response:
        latest = await self._store.latest(_LATEST)
        return web.json_response(
            {"actions": [{**one, "performed_at": one["performed_at"].isoformat()} for one in latest]}
        )

    async def _status(self, _: web.Request) -> web.Response:
        actions, requests = await self._store.counts()
        return web.json_response(
            {
                "node": self._node,
                "kind": self._kind.collection,
                "actions": actions,
                "requests": requests,
                "ucmdb": self._ucmdb.state,
                "callers": self._callers,
            }
        )

    async def _page(self, _: web.Request) -> web.Response:
        title = escape(self._kind.title)
        try:
            actions, _requests = await self._store.counts()
            rows = "".join(_row(one) for one in await self._store.latest(_LATEST))
        except UnavailableError as error:
            body = f"<p>{escape(str(error))}</p>"
            return web.Response(text=_html(title, body), content_type="text/html", status=503)
        heads = "".join(f"<th>{name}" for name in ("number", "event", "requested by", "global id", "at"))
        body = f"<p>{actions} {self._kind.collection}</p><table><tr>{heads}</tr>{rows}</table>"
        return web.Response(text=_html(title, body), content_type="text/html")


def _told(cma: str, done: Performed) -> dict[str, Any]:
    return {"cma": cma, "id": done.number, "created": done.created, "requested_by": done.requested_by}


def _row(one: dict[str, Any]) -> str:
    cells = (one["number"], one["cma"], one["requested_by"], one["global_id"] or "", one["performed_at"].isoformat())
    return f"<tr>{''.join(f'<td>{escape(str(cell))}' for cell in cells)}</tr>"


def _html(title: str, body: str) -> str:
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{body}</html>'


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with the error as JSON."""
    try:
        return await handler(request)
    except (InvalidRequestError, RefusedError) as error:
        return _error(400, str(error))
    except UnavailableError as error:
        return _error(503, str(error), {"Retry-After": "1"})


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": message}, status=status, headers=headers)
