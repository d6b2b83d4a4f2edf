"""Published ports are tried: what the engine says of them outlives what serves them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from redlab.engine.model import PublishedPort
from redlab.errors import RedlabError
from redlab.faults import residue
from redlab.probes import published
from redlab.probes.published import Published
from tests.support.fake_engine import FakeEngine
from tests.support.unit.inventories import inventory_of


class Busy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(503)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def answering() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def closing(listener: socket.socket) -> None:
    """Accept and close, as the engine's proxy does before a container that does not listen."""
    listener.accept()[0].close()


def test_any_answer_is_one_and_a_connection_alone_is_none() -> None:
    with answering() as busy, socket.create_server(("127.0.0.1", 0)) as proxy, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        threading.Thread(target=closing, args=(proxy,), daemon=True).start()
        tried = [
            Published("lb1", "127.0.0.1", port) for port in (busy, proxy.getsockname()[1], nobody.getsockname()[1])
        ]
        assert published.silent(tried) == tried[1:]
        # Who is asked by TLS and does not speak it does not answer.
        assert published.silent([Published("lb1", "127.0.0.1", busy)], by_tls=[busy]) != []


@pytest.mark.parametrize("status", ["running", "paused"])
def test_what_the_engine_says_is_published_is_tried_where_its_node_runs(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    inventory = inventory_of("ha")
    fake = FakeEngine.of_lab(inventory).used(monkeypatch)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        fake.change("redlab-ha-lb1", status=status, ports=(PublishedPort("127.0.0.1", port),))
        silent = [Published("lb1", "127.0.0.1", port)] if status == "running" else []
        assert published.unanswered(inventory) == silent


@pytest.mark.parametrize("helps", [True, False])
def test_heal_restarts_the_node_whose_port_is_gone(monkeypatch: pytest.MonkeyPatch, helps: bool) -> None:
    inventory = inventory_of("ha")
    fake = FakeEngine.of_lab(inventory).used(monkeypatch)
    gone = [Published("lb1", "127.0.0.1", 18080), Published("lb1", "127.0.0.1", 18081)]
    monkeypatch.setattr(residue, "all_ready", lambda _: True)
    monkeypatch.setattr(residue, "READY_SECONDS", 0)
    monkeypatch.setattr(published, "unanswered", lambda _: [] if fake.done and helps else gone)
    if helps:
        assert residue.publish_again(inventory) == ["lb1: restarted, and its published ports answer again"]
        assert residue.publish_again(inventory) == []
    else:
        with pytest.raises(RedlabError, match=r"127\.0\.0\.1:18081"):
            residue.publish_again(inventory)
    assert fake.done == [f"stop redlab-ha-lb1 within {residue.STOP_SECONDS} s", "start redlab-ha-lb1"]
