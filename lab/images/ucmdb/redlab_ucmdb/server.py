"""Port 8100: this UCMDB's items, its integrations' state, and changes of items and cursors."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

from aiohttp import web
from redlab_node.callers import counted
from redlab_node.serving import application, document, refusal
from redlab_node.strict_json import RefusedError

from redlab_ucmdb import item as rule
from redlab_ucmdb.integration import FEDERATION
from redlab_ucmdb.item import InvalidItemError, Item
from redlab_ucmdb.runner import Runner
from redlab_ucmdb.sqlite_store import SqliteStore
from redlab_ucmdb.store import Cursor, StandsByError, UnreachableError

_MAXIMUM_BYTES = 4 * 1024 * 1024
_MAXIMUM_LIMIT = 5000
_LONGEST_NUMBER = 18  # fits into an integer of SQLite
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers operators, other UCMDBs, and other readers of topology."""

    def __init__(self, store: SqliteStore, master: str, token: str, runners: Sequence[Runner]) -> None:
        self._store = store
        self._master = master
        self._token = token
        self._callers: Counter[str] = Counter()
        self._runners = runners

    def application(self) -> web.Application:
        """Return the application."""
        app = application(self._store.name, _MAXIMUM_BYTES)
        counted(app, self._callers, ("/v1/status",))
        app.middlewares.append(_explain)
        app.router.add_get("/v1/status", self._status)
        app.router.add_get("/v1/items", self._items)
        app.router.add_get("/v1/changes", self._changes)
        app.router.add_get("/v1/cursor", self._cursor)
        app.router.add_post("/v1/changes", self._take)
        app.router.add_put("/v1/items/{type}/{name}", self._put)
        app.router.add_delete("/v1/items/{type}/{name}", self._delete)
        return app

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "node": self._store.name,
                "store_id": await self._store.identity(),
                "master": self._store.name == self._master,
                "items": len(await self._store.items()),
                "integrations": [runner.status() for runner in self._runners],
                "callers": self._callers,
            }
        )

    async def _items(self, request: web.Request) -> web.Response:
        wanted = _types(request)
        found = {item.key: item for item in await self._store.items(wanted, deleted=_flag(request, "deleted"))}
        unanswered = []
        for runner in self._runners if _flag(request, "federated") else ():
            one = runner.integration
            types = tuple(t for t in one.item_types if t in wanted) if wanted and one.item_types else one.item_types
            if one.kind != FEDERATION or (wanted and one.item_types and not types):
                continue
            try:
                for item in await runner.source.items(types or wanted):
                    held = found.get(item.key)
                    found[item.key] = rule.merged(held, item, self._master) if held else item
            except StandsByError:  # its items are only copies
                continue
            except UnreachableError:
                unanswered.append(one.source)
        listed = [item.document() for _, item in sorted(found.items())]
        return web.json_response({"items": listed, "unanswered": unanswered})

    async def _changes(self, request: web.Request) -> web.Response:
        cursor = Cursor("", "", request.query.get("source_id", ""), "", _number(request, "after", 0))
        limit = min(_number(request, "limit", 500), _MAXIMUM_LIMIT)
        batch = await self._store.changes(cursor, _types(request), limit)
        return web.json_response(
            {
                "store_id": batch.store_id,
                "items": [item.document() for item in batch.items],
                "position": batch.position,
            }
        )

    async def _cursor(self, request: web.Request) -> web.Response:
        found = await self._store.cursor(request.query.get("source", ""), request.query.get("target", ""))
        return web.json_response(asdict(found))

    async def _take(self, request: web.Request) -> web.Response:
        if (refused := refusal(request, self._token)) is not None:
            return refused
        told = await _body(request)
        listed = told.get("items") or []
        if not isinstance(listed, list):
            raise InvalidItemError("items is no list")
        items = [rule.parse(item) for item in listed]
        cursor = _cursor_of(told["cursor"]) if told.get("cursor") else None
        return web.json_response({"applied": await self._store.merge(items, cursor)})

    async def _put(self, request: web.Request) -> web.Response:
        if (refused := refusal(request, self._token)) is not None:
            return refused
        attributes = (await _body(request)).get("attributes")
        rule.check_attributes(attributes)
        return self._written(request, attributes)

    async def _delete(self, request: web.Request) -> web.Response:
        if (refused := refusal(request, self._token)) is not None:
            return refused
        return self._written(request, None)

    def _written(self, request: web.Request, attributes: Any) -> web.Response:
        item_type, name = request.match_info["type"], request.match_info["name"]
        rule.check_name(item_type, name)
        item: Item | None = self._store.put(item_type, name, attributes)
        return web.json_response({"item": item.document() if item else None})


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with the error as JSON."""
    try:
        return await handler(request)
    except (InvalidItemError, RefusedError) as error:
        return web.json_response({"error": str(error)}, status=400)
    except sqlite3.Error as error:
        return web.json_response({"error": f"the store cannot be used: {error}"}, status=503)
    except web.HTTPError as error:
        return web.json_response({"error": error.text or error.reason}, status=error.status)


async def _body(request: web.Request) -> dict[str, Any]:
    body = await document(request)
    if not isinstance(body, dict):
        raise InvalidItemError("the body is no JSON object")
    return body


def _cursor_of(told: object) -> Cursor:
    try:
        cursor = Cursor(**told)  # type: ignore[arg-type]
    except TypeError:
        cursor = None
    texts = (cursor.source, cursor.target, cursor.source_id, cursor.scope) if cursor else ()
    if cursor is None or not all(isinstance(text, str) for text in texts) or type(cursor.position) is not int:
        raise InvalidItemError("a cursor has source, target, source_id, scope and position")
    return cursor


def _types(request: web.Request) -> tuple[str, ...]:
    return tuple(one for one in request.query.get("types", "").split(",") if one)


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name) == "true"


def _number(request: web.Request, name: str, default: int) -> int:
    raw = request.query.get(name, str(default))
    if not raw.isdecimal() or len(raw) > _LONGEST_NUMBER:
        raise InvalidItemError(f"{name}={raw[:100]!r} is no whole number of at most {_LONGEST_NUMBER} digits")
    return int(raw)
