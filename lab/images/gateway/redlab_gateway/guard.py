"""Who may call the management API: the administrator's token, or a session that was logged in to with it."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web
from redlab_node.serving import authorized

from redlab_gateway.sessions import Sessions
from redlab_gateway.system_health import from_own_page

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]


class NotFoundError(Exception):
    """What is asked for does not exist; the message names it, and what there is."""


class Guard:
    """Lets the administrator through to a handler, and says what keeps it from answering."""

    def __init__(self, token: str, sessions: Sessions) -> None:
        self._token = token
        self._sessions = sessions

    def __call__(self, handler: Handler) -> Handler:
        """Return the handler for the administrator alone; its NotFoundError becomes 404, its ConnectionError 503."""

        async def guarded(request: web.Request) -> web.Response:
            if not from_own_page(request):
                return error(403, "another page asks")
            if not authorized(request, self._token) and not self._logged_in(request):
                return error(401, "the administrator's token is needed", {"WWW-Authenticate": "Bearer"})
            try:
                return await handler(request)
            except NotFoundError as failure:
                return error(404, str(failure))
            except ConnectionError as failure:
                return error(503, str(failure), {"Retry-After": "1"})

        return guarded

    def _logged_in(self, request: web.Request) -> bool:
        session = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self._sessions.valid(session, time.time())


def error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """Return an answer that says what is wrong."""
    return web.json_response({"error": message}, status=status, headers=headers)
