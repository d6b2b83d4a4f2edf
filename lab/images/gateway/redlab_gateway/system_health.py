"""The System Health page on port 8081: who logs in sees every node live, and moves the services.

The page is served in any case, also while no user is. It calls the management API with the session it logged in to.
"""

import logging
import secrets
import time
from pathlib import Path

from aiohttp import web
from redlab_node.serving import document

from redlab_gateway.sessions import SESSION_SECONDS, Attempts, Sessions

log = logging.getLogger(__name__)

_PAGE, _CONFIGURATION = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("system_health.html", "system_health_configuration.js")
)


class SystemHealthPage:
    """The page, and the way in."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._attempts = Attempts()

    def add_routes(self, app: web.Application) -> None:
        """Serve the page and the login."""
        app.router.add_get("/system-health", self._page)
        app.router.add_post("/management/v1/sessions", self._log_in)

    async def _page(self, _: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        return web.Response(
            text=_PAGE.replace("{{configuration}}", _CONFIGURATION).replace("{{nonce}}", nonce),
            content_type="text/html",
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}';"
                " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            },
        )

    async def _log_in(self, request: web.Request) -> web.Response:
        if not from_own_page(request):
            return web.json_response({"error": "another page asks"}, status=403)
        client, now = _client(request), time.monotonic()
        wait_seconds = self._attempts.wait_seconds(client, now)
        if wait_seconds > 0:
            seconds = int(wait_seconds) + 1
            error = f"too many wrong passwords: wait {seconds} s"
            return web.json_response({"error": error}, status=429, headers={"Retry-After": str(seconds)})
        try:
            password = (await document(request))["password"]
        except (ValueError, KeyError, TypeError):
            password = None
        if not isinstance(password, str):
            return web.json_response({"error": 'a body like {"password": "…"} is needed'}, status=400)
        if not self._sessions.knows(password):
            self._attempts.failed(client, now)
            log.warning("login refused: wrong password", extra={"fields": {"client": client}})
            return web.json_response({"error": "wrong password"}, status=401)
        given = {"session": self._sessions.give(time.time()), "expires_in_seconds": SESSION_SECONDS}
        return web.json_response(given, status=201, headers={"Cache-Control": "no-store"})


def from_own_page(request: web.Request) -> bool:
    """Whether a browser says that a page of this very origin asks, or it is no browser that asks."""
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


def _client(request: web.Request) -> str:
    """The client's address, which the load balancer tells; it deletes what the client itself says of it."""
    return request.headers.get("X-Forwarded-For", request.remote or "").rpartition(",")[2].strip()
