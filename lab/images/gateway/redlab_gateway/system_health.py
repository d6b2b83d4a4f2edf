"""The System Health page on port 8081: its users see every node live, and can move the services.

The page is served even while users are not served. It calls the management API with the session from its login.
"""

import secrets
import time

from aiohttp import web
from redlab_node.serving import client_of, document

from redlab_gateway.guard import Guard, bearer, error, from_own_page
from redlab_gateway.logins import Logins
from redlab_gateway.sessions import SESSION_SECONDS, Sessions
from redlab_gateway.system_health_text import page


class SystemHealthPage:
    """The page, login and log-out."""

    def __init__(self, sessions: Sessions, logins: Logins, guard: Guard) -> None:
        self._sessions = sessions
        self._logins = logins
        self._guard = guard
        self._text = page()

    def add_routes(self, app: web.Application) -> None:
        """Serve the page, login and log-out."""
        app.router.add_get("/system-health", self._page)
        app.router.add_post("/management/v1/sessions", self._log_in)
        app.router.add_delete("/management/v1/sessions", self._guard(self._log_out))

    async def _page(self, _: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        return web.Response(
            text=self._text.replace("{{nonce}}", nonce),
            content_type="text/html",
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}';"
                " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            },
        )

    async def _log_in(self, request: web.Request) -> web.Response:
        if not from_own_page(request):
            return error(403, "the request comes from another page")
        try:
            password = (await document(request))["password"]
        except (ValueError, KeyError, TypeError):
            password = None
        if not isinstance(password, str):
            return error(400, 'a body like {"password": "…"} is needed')
        client = client_of(request)
        if not self._sessions.knows(password):
            return self._guard.wrong(client, "wrong password")
        self._logins.record("log-in", client)
        given = {"session": self._sessions.give(time.time()), "expires_in_seconds": SESSION_SECONDS}
        return web.json_response(given, status=201, headers={"Cache-Control": "no-store"})

    async def _log_out(self, request: web.Request) -> web.Response:
        session = bearer(request)
        if not self._sessions.given(session):
            return error(400, "this is no session: a caller with the token need not log out")
        await self._logins.end(session, client_of(request))
        return web.json_response({"ended": True})
