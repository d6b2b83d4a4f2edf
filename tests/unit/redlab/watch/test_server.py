"""The page's server: who may ask, what is refused, and that nothing is loaded from elsewhere."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from redlab.errors import RedlabError
from redlab.waiting import until
from redlab.watch.process import Run
from redlab.watch.server import KEY_HEADER, LONGEST_BODY_BYTES, Server, Watched

LARGEST_PAGE_BYTES = 40_000


class FakeRunner:
    """Keeps what was started; refuses a second one."""

    def __init__(self) -> None:
        self.run: Run | None = None

    def start(self, what: str) -> None:
        if self.run is not None:
            raise RedlabError(f"{self.run.scenario} is running: wait until it ends")
        self.run = Run(what, 0.0)


@pytest.fixture
def server() -> Iterator[Server]:
    watched = Watched(lambda: {"lab": "ha"}, (("dps-crash", "The DPS dies."),), FakeRunner())  # type: ignore[arg-type]
    with Server(watched) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(
    server: Server, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, Any, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, body or None, {KEY_HEADER: server.key} if headers is None else headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    is_json = answer.headers["Content-Type"] == "application/json"
    return answer.status, json.loads(text) if is_json else text, answer.headers


def test_the_page_needs_no_key_and_has_no_secret(server: Server) -> None:
    status, page, headers = ask(server, "GET", "/", headers={})
    assert status == 200
    assert server.key not in page
    assert server.address.endswith(f"#{server.key}")
    assert not re.search(r"https?:|\bsrc\s*=|@import", page)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.count(f'nonce="{server.nonce}"') == 2
    assert "{{" not in page
    assert len(page.encode()) < LARGEST_PAGE_BYTES


def test_with_the_key_the_state_is_told(server: Server) -> None:
    assert ask(server, "GET", "/api/snapshot")[:2] == (200, {"lab": {"lab": "ha"}, "drill": None})
    assert ask(server, "GET", "/api/scenarios")[1] == [{"name": "dps-crash", "summary": "The DPS dies."}]


@pytest.mark.parametrize("headers", [{}, {KEY_HEADER: "wrong"}, {KEY_HEADER: "ü"}, {"Cookie": "key"}])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/snapshot"), ("POST", "/api/drill"), ("POST", "/api/heal"), ("GET", "/x")]
)
def test_without_the_key_nothing_is_told_or_done(
    server: Server, method: str, path: str, headers: dict[str, str]
) -> None:
    encoded = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    assert ask(server, method, path, '{"scenario": "dps-crash"}' if method == "POST" else "", encoded)[0] == 401
    assert server.watched.runner.run is None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "evil.example:80", ""])
def test_another_host_name_is_refused(server: Server, host: str) -> None:
    for path in ("/", "/api/snapshot"):
        assert ask(server, "GET", path, headers={KEY_HEADER: server.key, "Host": host})[0] == 421


def test_a_drill_is_started_once(server: Server) -> None:
    assert ask(server, "POST", "/api/drill", '{"scenario": "dps-crash"}')[:2] == (202, {"started": "dps-crash"})
    status, said, _ = ask(server, "POST", "/api/heal")
    assert (status, said["error"]) == (409, "dps-crash is running: wait until it ends")
    assert ask(server, "GET", "/api/snapshot")[1]["drill"]["scenario"] == "dps-crash"


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"scenario": "no"}', '{"scenario": ["dps-crash"]}'])
def test_what_is_not_understood_is_refused(server: Server, body: str) -> None:
    assert ask(server, "POST", "/api/drill", body)[0] == 400
    assert server.watched.runner.run is None


def test_a_body_without_end_is_not_read(server: Server) -> None:
    assert ask(server, "POST", "/api/drill", "x" * (LONGEST_BODY_BYTES + 1))[0] == 400
    assert server.watched.runner.run is None


@pytest.mark.parametrize(
    ("length", "body"),
    [
        (str(LONGEST_BODY_BYTES), b"[" * LONGEST_BODY_BYTES),
        ("900", b'{"a":' * 180),
        ("60000", b"[" * 60_000),
        ("\u00b2", b"{}"),
        ("9" * 5000, b"{}"),
        ("-1", b"{}"),
        ("4", b'"\\ud'),
        ("2", b"\xff\xff"),
    ],
    ids=["nested", "objects", "long", "raised two", "digits", "negative", "half an escape", "no UTF-8"],
)
def test_a_hostile_body_is_a_bad_request_and_no_defect(
    server: Server, capfd: pytest.CaptureFixture[str], length: str, body: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        head = f"POST /api/drill HTTP/1.1\r\nHost: 127.0.0.1:{server.server_port}\r\n{KEY_HEADER}: {server.key}\r\n"
        connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode("latin-1") + body)
        assert connection.recv(12) == b"HTTP/1.1 400"
    assert "Traceback" not in capfd.readouterr().err
    assert ask(server, "GET", "/api/scenarios")[0] == 200


def test_connections_beyond_the_bound_are_turned_away(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redlab.watch.server.MOST_THREADS", threading.active_count() + 3)
    idle = [socket.create_connection(("127.0.0.1", server.server_port), timeout=10) for _ in range(5)]
    assert idle[-1].recv(1) == b""
    for connection in idle:
        connection.close()

    def answers() -> bool:
        try:
            return ask(server, "GET", "/api/scenarios")[0] == 200
        except OSError:  # turned away, until the threads of those that are gone have ended
            return False

    assert until(answers, 10, 0.05)
