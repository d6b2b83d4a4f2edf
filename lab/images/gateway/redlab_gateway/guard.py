"""Access to the management API: the administrator's token, or a session that was opened with it."""

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
    """The requested object does not exist; the message names it and the existing ones."""


class Guard:
    """Passes the administrator's requests to a handler, and answers all others."""

    def __init__(self, token: str, sessions: Sessions, logins: Logins) -> None:
        self._token = token
        self._sessions = sessions
        self._logins = logins
        self._attempts = Attempts()

    def __call__(self, handler: Handler) -> Handler:
        """Wrap a handler for the administrator alone; NotFoundError becomes 404, ConnectionError 503."""

        async def guarded(request: web.Request) -> web.Response:
            if not from_own_page(request):
                return error(403, "the request comes from another page")
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
        """Answer a wrong password or token, and record it."""
        answer = wrong(self._attempts, client, message)
        if answer.status == 401:
            # The limit for all clients together bounds these records to a few a minute.
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
    """Return the token of a request, '' if there is none."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def from_own_page(request: web.Request) -> bool:
    """Tell whether the request comes from a page of this origin, or from no browser."""
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


def error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """Return an error answer."""
    return web.json_response({"error": message}, status=status, headers=headers)
