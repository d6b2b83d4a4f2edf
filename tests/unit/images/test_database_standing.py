"""An empty database server of two instances begins only if the other server has no data either."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from redlab.waiting import until

IMAGE = Path(__file__).parents[3] / "lab" / "images" / "database"
VOLUME = "/var/lib/postgresql/data"
SECONDS = 20


class Server:
    """A server of the image: its volume and its programs, without those that query PostgreSQL."""

    def __init__(self, folder: Path, port: int, peer_port: int, *, primary_there: bool = False) -> None:
        self.volume, self._programs = folder / "volume", folder / "bin"
        self.volume.mkdir(parents=True)
        self._programs.mkdir()
        self._install("database-standing", (IMAGE / "database-standing").read_text())
        self._install("database-role", f'#!/bin/sh\nprintf %s "$2" > {VOLUME}/follow\n')
        self._install("psql", f"#!/bin/sh\necho {'t' if primary_there else 'f'}\n")
        self._environment = {
            "PATH": f"{self._programs}:/usr/bin:/bin",
            "PGPORT": str(port),
            "REDLAB_REPLICATION_PEER": "127.0.0.1",
            "REDLAB_REPLICATION_PEER_PORT": str(peer_port),
        }

    def _install(self, name: str, text: str) -> None:
        program = self._programs / name
        program.write_text(text.replace(VOLUME, str(self.volume)))
        program.chmod(0o755)

    def holds(self, *names: str) -> None:
        for name in names:
            (self.volume / name).mkdir()

    def start(self, action: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["database-standing", action],
            executable=self._programs / "database-standing",
            env=self._environment | environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def standing(self, **environment: str) -> str:
        said, _ = self.start("standing", **environment).communicate(timeout=SECONDS)
        return said.strip()

    @property
    def follows(self) -> str:
        mark = self.volume / "follow"
        return mark.read_text() if mark.exists() else ""


@pytest.fixture
def ports() -> tuple[int, int]:
    """Two free ports, whose neighbouring ports are free, too."""
    found: list[int] = []
    while len(found) < 2:
        with socket.socket() as one, socket.socket() as beside:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                beside.bind(("127.0.0.1", port ^ 1))
            except OSError:
                continue
            found.append(port)
    return found[0], found[1]


@pytest.fixture
def server(tmp_path: Path, ports: tuple[int, int]) -> Callable[..., Server]:
    return lambda **said: Server(tmp_path / "here", ports[0], ports[1], **said)


@pytest.fixture
def other(tmp_path: Path, ports: tuple[int, int]) -> Server:
    return Server(tmp_path / "there", ports[1], ports[0])


@contextmanager
def answering(server: Server) -> Iterator[None]:
    with server.start("answer") as process:
        try:
            yield
        finally:
            process.kill()


@contextmanager
def settling(server: Server) -> Iterator[subprocess.Popen[str]]:
    with server.start("settle") as process:
        try:
            yield process
        finally:
            process.kill()


def first_words(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return str(json.loads(process.stdout.readline())["message"])


def test_the_first_server_of_a_new_lab_begins(server: Callable[..., Server], other: Server) -> None:
    here = server()
    with answering(other), settling(here) as process:
        assert process.wait(SECONDS) == 0
    assert here.follows == ""


def test_an_empty_server_beside_a_primary_is_marked_to_follow_it(server: Callable[..., Server], other: Server) -> None:
    other.holds("cluster")
    here = server(primary_there=True)
    with answering(other), settling(here) as process:
        assert process.wait(SECONDS) == 0
    assert here.follows == "127.0.0.1"


def test_an_empty_server_whose_standby_has_the_data_does_not_begin(
    server: Callable[..., Server], other: Server
) -> None:
    other.holds("cluster", "follow")
    here = server()
    with answering(other), settling(here) as process:
        # If it asks before the other server listens, an earlier message reports that.
        assert until(lambda: "redlab failover makes 127.0.0.1 the primary" in first_words(process), SECONDS)
        assert (process.poll(), here.follows) == (None, "")


def test_an_empty_server_without_an_answer_does_not_begin(server: Callable[..., Server]) -> None:
    here = server()
    with settling(here) as process:
        assert "begins only when 127.0.0.1 confirms" in first_words(process)
        assert (process.poll(), here.follows) == (None, "")


@pytest.mark.parametrize(
    ("held", "logical", "expected"),
    [
        ((), "", "empty"),
        (("follow",), "", "empty"),
        (("cluster",), "", "data"),
        (("cluster", "follow"), "", "data"),
        (("cluster",), "true", "data"),
        (("cluster", "follow"), "true", "empty"),
        (("cluster", "follow", "subscribed"), "true", "data"),
        (("cluster", "follow", "complete"), "true", "data"),
    ],
)
def test_contents_of_a_volume_that_count_as_data(
    server: Callable[..., Server], held: tuple[str, ...], logical: str, expected: str
) -> None:
    here = server()
    here.holds(*held)
    assert here.standing(REDLAB_LOGICAL_REPLICATION=logical) == expected


def test_an_empty_volume_is_never_initialised_before_it_is_settled() -> None:
    """In the program that starts a server, the check comes before the initialisation."""
    text = (IMAGE / "start-database").read_text()
    assert 0 < text.index("database-standing settle") < text.index("initialise-database")
    assert os.access(IMAGE / "database-standing", os.X_OK)
