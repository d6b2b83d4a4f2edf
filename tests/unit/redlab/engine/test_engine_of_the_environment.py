"""Which engine is used: DOCKER_HOST's, else that of the docker command's current context; by the ssh client."""

from __future__ import annotations

import hashlib
import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from redlab.engine import connection
from redlab.errors import RedlabError
from redlab_provider.configuration import from_properties
from redlab_provider.engine import Engine


class Answers(http.server.BaseHTTPRequestHandler):
    """An engine that knows its version alone."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"ApiVersion": "1.41"}' if self.path.endswith("/version") else b"OK"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return "here"


class OnSocket(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with nothing in it but an engine's socket."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    connection.client.cache_clear()
    with OnSocket(str(tmp_path / "engine.sock"), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path
        server.shutdown()
    connection.client.cache_clear()


def use(machine: Path, host: str) -> None:
    """`docker context create elsewhere --docker host=…; docker context use elsewhere`."""
    (machine / "config.json").write_text(json.dumps({"currentContext": "elsewhere"}))
    meta = machine / "contexts" / "meta" / hashlib.sha256(b"elsewhere").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
    meta.write_text(json.dumps({"Name": "elsewhere", "Metadata": {}, "Endpoints": endpoints}))


def ssh(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client whose far end is here: it logs what it is asked for, and leads to the socket."""
    log, program = machine / "asked", machine / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        "#!/usr/bin/env python3\n"
        "import os, socket, sys, threading\n"
        f"open({str(log)!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))\n"
        f"far = socket.socket(socket.AF_UNIX); far.connect({str(machine / 'engine.sock')!r})\n"
        "def back():\n"
        "    while data := far.recv(65536): os.write(1, data)\n"
        "    os._exit(0)\n"
        "threading.Thread(target=back).start()\n"
        "while data := os.read(0, 65536): far.sendall(data)\n"
        "far.shutdown(socket.SHUT_WR)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return log


def test_the_current_context_counts(machine: Path) -> None:
    use(machine, f"unix://{machine}/engine.sock")
    assert connection.client().ping()
    assert Engine(from_properties({})).api_version() == (1, 41)


def test_docker_host_counts_more(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(machine, f"unix://{machine}/engine.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{machine}/nobody.sock")
    with pytest.raises(RedlabError, match="does not answer"):
        connection.client()


@pytest.mark.parametrize("by", ["context", "variable"])
def test_an_engine_on_another_machine_is_reached_by_the_ssh_client(
    machine: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    log = ssh(machine, monkeypatch)
    if by == "context":
        use(machine, "ssh://me@engine.example")
    else:
        monkeypatch.setenv("DOCKER_HOST", "ssh://me@engine.example")
    assert connection.client().ping()
    assert Engine(from_properties({})).api_version() == (1, 41)
    assert set(log.read_text().splitlines()) == {"-l me -p 22 -- engine.example docker system dial-stdio"}


@pytest.mark.parametrize("content", ["", "[]", "{", "{}", '{"currentContext": "default"}'])
def test_without_a_chosen_docker_context_it_is_the_default(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    assert connection.context({"DOCKER_CONFIG": str(tmp_path)}) == ("default", "")


def test_a_docker_context_that_does_not_exist_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "redlab-nobody"}))
    assert connection.context({"DOCKER_CONFIG": str(tmp_path)}) == ("redlab-nobody", "")
