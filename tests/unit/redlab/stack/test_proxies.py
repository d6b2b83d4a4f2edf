"""Calls to this machine go past a proxy, however the caller's exceptions are written."""

from __future__ import annotations

import http.server
import threading
import urllib.request
from collections.abc import Iterator

import pytest

from redlab.control.management import Management
from redlab.stack import proxies

HEALTH = b"""{"nodes": [], "controller": {"automatic_failover": false}, "services":
{"assigned_to": null, "active": null, "state": "none", "epoch": 0, "expires_in_seconds": null}}"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"no_proxy": "", "NO_PROXY": " .corp , 127.0.0.1"}, ".corp,127.0.0.1,localhost,::1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_the_callers_exceptions_stay(given: dict[str, str], expected: str) -> None:
    found = proxies.bypass(given)
    assert (found["no_proxy"], found["NO_PROXY"]) == (expected, expected)
    assert proxies.bypass({**given, **found}) == found


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(HEALTH)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def management() -> Iterator[Management]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Management([f"http://127.0.0.1:{server.server_address[1]}"], "token")
        server.shutdown()


def test_a_lab_is_asked_itself_while_the_shell_has_a_proxy(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib.request, "_opener", None)  # it remembers the proxies of its first call
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert management.reachable_health() is None
    for name, value in proxies.bypass({}).items():
        monkeypatch.setenv(name, value)
    assert management.health().services.state == "none"
