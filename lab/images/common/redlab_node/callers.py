"""The callers of a server since its start: number of requests by client address."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from typing import TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def counted(app: web.Application, callers: Counter[str], but: Collection[str]) -> None:
    """Count an application's callers from now on, except on the paths ``but`` (health checks)."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in but:
            callers[request.remote or ""] += 1
        return await handler(request)

    app.middlewares.append(count)
