"""The client of the management API keeps the administrator's token to itself."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from redlab.control.management import Health, Management, Services
from redlab.errors import RedlabError
from redundancy.node_certificates import authority, bundle

if TYPE_CHECKING:
    from pathlib import Path


def test_the_token_is_not_shown() -> None:
    assert "http://127.0.0.1:1" in repr(Management(("http://127.0.0.1:1",), "the-token"))
    assert "the-token" not in repr(Management(("http://127.0.0.1:1",), "the-token"))


class Refusing(BaseHTTPRequestHandler):
    """Refuses as the management API does."""

    def do_PUT(self) -> None:
        self.send_response(400)
        self.end_headers()
        self.wfile.write(json.dumps({"error": "no such ü"}).encode())

    def log_message(self, *_: object) -> None:
        pass


def test_a_refusal_is_told_in_the_apis_own_words() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        management = Management((f"http://127.0.0.1:{server.server_port}",), "the-token")
        with pytest.raises(RedlabError, match=r"PUT configuration/kpi/x: .*: 400 no such ü$"):
            management.ask("PUT", "configuration/kpi/x", {})
        server.shutdown()


def test_events_that_were_set_aside_are_counted_over_the_servers() -> None:
    nodes = ({"name": "dps1", "rejected_events": 2}, {"name": "dps2", "rejected_events": None}, {"name": "gw1"})
    services = Services("dps1", "dps1", "active", 1, 1.0)
    assert Health(nodes, services, automatic_failover=False).rejected_events == 2


class Answering(BaseHTTPRequestHandler):
    """Answers with an empty document."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def trusting(secret: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority(secret))
    return context


def test_over_tls_the_labs_own_authority_alone_is_believed(tmp_path: Path) -> None:
    (tmp_path / "own").write_text(bundle("ours", "lb1", ("lb1", "127.0.0.1")))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "own")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = serving.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        urls = (f"https://127.0.0.1:{server.server_port}",)
        assert Management(urls, "the-token", trusting("ours")).ask("GET", "health") == {}
        with pytest.raises(RedlabError, match="certificate verify failed"):
            Management(urls, "the-token", trusting("another's")).ask("GET", "health")
        server.shutdown()
