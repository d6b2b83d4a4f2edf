"""Who asked a server for something since it started: requests by the address that they came from."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from typing import TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def counted(app: web.Application, callers: Counter[str], but: Collection[str]) -> None:
    """Have an application count its callers from now on, other than of the paths ``but``: health checks."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in but:
            callers[request.remote or ""] += 1
        return await handler(request)

    app.middlewares.append(count)
