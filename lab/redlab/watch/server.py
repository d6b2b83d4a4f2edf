"""The page of a lab on 127.0.0.1, and what it asks for. Only who knows the key of this run gets an answer.

The key is in the fragment of the page's address, which browsers do not send: the page puts it into a header of each
request. So no other page can make a request (a header of its own needs a permission that is never given), and no
cookie is there to be misused. Requests by another host name than this machine's are refused (DNS rebinding).
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any

from redlab.errors import RedlabError
from redlab.watch.process import Runner
from redundancy.reading import DocumentError, decoded, parse_json

HOST = "127.0.0.1"
KEY_HEADER = "X-Redlab-Key"
LONGEST_BODY_BYTES = 1000
MOST_THREADS = 100
# shared.css and shared.js are those of the System Health page, by symbolic links.
_STYLES = ("shared.css", "page.css")
_SCRIPTS = ("shared.js", "drawing.js", "page.js")


@dataclass(frozen=True)
class Watched:
    """What the page shows: ``look`` takes a snapshot, ``scenarios`` are (name, summary) of its drills."""

    look: Callable[[], dict[str, Any]]
    scenarios: tuple[tuple[str, str], ...]
    runner: Runner


class Server(ThreadingHTTPServer):
    """Serves the page of one lab; ``port`` 0 takes a free one."""

    daemon_threads = True

    def __init__(self, watched: Watched, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.watched = watched
        self.key = secrets.token_urlsafe(24)
        self.nonce = secrets.token_urlsafe(16)
        self.page = page(self.nonce)

    def verify_request(self, *_: object) -> bool:
        """Turn away a new client while very many are connected: each has a thread."""
        return threading.active_count() < MOST_THREADS

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep the terminal quiet about clients that disconnect."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        """The address to open, with the key."""
        return f"http://{HOST}:{self.server_port}/#{self.key}"


def page(nonce: str) -> bytes:
    """Return the page in one piece: it loads nothing."""
    folder = resources.files("redlab.watch")
    text, style, script = (
        "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
        for names in (("page.html",), _STYLES, _SCRIPTS)
    )
    return text.replace("{{nonce}}", nonce).replace("{{style}}", style).replace("{{script}}", script).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "redlab"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        if not self._host_is_this_machine():
            return
        if self.path == "/":
            self._send(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")
        elif self._allowed():
            if self.path == "/api/snapshot":
                self._answer(self._state)
            elif self.path == "/api/scenarios":
                self._json(HTTPStatus.OK, [{"name": n, "summary": s} for n, s in self.server.watched.scenarios])
            else:
                self._json(HTTPStatus.NOT_FOUND, {"error": "there is no such thing"})

    def do_POST(self) -> None:
        if not self._host_is_this_machine() or not self._allowed():
            return
        length = self.headers.get("Content-Length", "")
        # isdigit() alone takes a raised two as well, which int() does not; a longer one it does not read at all.
        if not (length.isascii() and length.isdigit() and len(length) < 10) or int(length) > LONGEST_BODY_BYTES:
            self.close_connection = True
            self._json(HTTPStatus.BAD_REQUEST, {"error": f"a body of at most {LONGEST_BODY_BYTES} bytes is needed"})
            return
        try:
            asked = parse_json(decoded(self.rfile.read(int(length)), "the body") or "{}", "the body")
        except DocumentError:
            asked = None
        if self.path == "/api/heal":
            self._start("heal")
        elif self.path == "/api/drill" and isinstance(asked, dict):
            names = [name for name, _ in self.server.watched.scenarios]
            scenario = asked.get("scenario")
            if scenario in names:
                self._start(str(scenario))
            else:
                self._json(HTTPStatus.BAD_REQUEST, {"error": f"no scenario; there are: {', '.join(names)}"})
        else:
            self._json(HTTPStatus.BAD_REQUEST, {"error": "not understood"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's name
        """Keep the terminal quiet."""

    def _start(self, what: str) -> None:
        try:
            self.server.watched.runner.start(what)
        except RedlabError as error:
            self._json(HTTPStatus.CONFLICT, {"error": str(error)})
            return
        self._json(HTTPStatus.ACCEPTED, {"started": what})

    def _state(self) -> dict[str, Any]:
        run = self.server.watched.runner.run
        return {"lab": self.server.watched.look(), "drill": run.document() if run else None}

    def _answer(self, question: Callable[[], dict[str, Any]]) -> None:
        try:
            document = question()
        except RedlabError as error:
            self._json(HTTPStatus.SERVICE_UNAVAILABLE, {"error": str(error)})
            return
        self._json(HTTPStatus.OK, document)

    def _host_is_this_machine(self) -> bool:
        allowed = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        if self.headers.get("Host") in allowed:
            return True
        self.close_connection = True
        self._json(HTTPStatus.MISDIRECTED_REQUEST, {"error": f"this is {HOST}"})
        return False

    def _allowed(self) -> bool:
        given = self.headers.get(KEY_HEADER, "")
        if hmac.compare_digest(given.encode(errors="replace"), self.server.key.encode()):
            return True
        self.close_connection = True
        self._json(HTTPStatus.UNAUTHORIZED, {"error": "the address of the page lacks its key, or it is of another run"})
        return False

    def _json(self, status: HTTPStatus, document: object) -> None:
        self._send(status, json.dumps(document).encode(), "application/json")

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        nonce = f"'nonce-{self.server.nonce}'"
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            (
                "Content-Security-Policy",
                f"default-src 'none'; script-src {nonce}; style-src {nonce}; connect-src 'self'; "
                "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            ),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
