"""Who may call the management API: the administrator's token, or a session that was logged in to with it."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web
from redlab_node.attempts import Attempts
from redlab_node.serving import authorized, client_of, wrong

from redlab_gateway.logins import Logins
from redlab_gateway.sessions import Sessions

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]


class NotFoundError(Exception):
    """What is asked for does not exist; the message names it, and what there is."""


class Guard:
    """Lets the administrator through to a handler, and says what keeps it from answering."""

    def __init__(self, token: str, sessions: Sessions, logins: Logins) -> None:
        self._token = token
        self._sessions = sessions
        self._logins = logins
        self._attempts = Attempts()

    def __call__(self, handler: Handler) -> Handler:
        """Return the handler for the administrator alone; its NotFoundError becomes 404, its ConnectionError 503."""

        async def guarded(request: web.Request) -> web.Response:
            if not from_own_page(request):
                return error(403, "another page asks")
            if not authorized(request, self._token) and not self._logged_in(request):
                return self._refusal(request)
            try:
                return await handler(request)
            except NotFoundError as failure:
                return error(404, str(failure))
            except ConnectionError as failure:
                return error(503, str(failure), {"Retry-After": "1"})

        return guarded

    def wrong(self, client: str, message: str) -> web.Response:
        """Answer who brings a wrong password or token, and write down that he did."""
        answer = wrong(self._attempts, client, message)
        if answer.status == 401:
            # Few enough to be kept: of all clients there are no more in a minute than the limit of all.
            self._logins.record("log-in-refused", client, actor="unknown")
        return answer

    def _refusal(self, request: web.Request) -> web.Response:
        given = bearer(request)
        if not given or self._sessions.given(given):
            message = "the session is over" if given else "the administrator's token is needed"
            return error(401, message, {"WWW-Authenticate": "Bearer"})
        return self.wrong(client_of(request), "the administrator's token is needed")

    def _logged_in(self, request: web.Request) -> bool:
        session = bearer(request)
        return self._sessions.valid(session, time.time()) and not self._logins.ended(session)


def bearer(request: web.Request) -> str:
    """Return what a request brings as its token, '' when nothing."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def from_own_page(request: web.Request) -> bool:
    """Whether a browser says that a page of this very origin asks, or it is no browser that asks."""
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


def error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """Return an answer that says what is wrong."""
    return web.json_response({"error": message}, status=status, headers=headers)
