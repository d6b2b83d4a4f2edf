"""Commands go through a shell that stays: each is told from the one before, and from one that was cut off."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from redlab.engine import shell
from redlab.engine.model import Answer, Container, State


class FakeContainer:
    """A container whose processes run here; it answers as the engine does, in small frames with headers."""

    def __init__(self, identity: str) -> None:
        self.id = identity
        self.state = State("running", running=True, started_at="first")
        self.shells: list[subprocess.Popen[bytes]] = []

    def exec_create(self, identity: str, command: list[str], *, stdin: bool) -> dict[str, str]:
        assert (identity, stdin) == (self.id, True)
        pipe = subprocess.PIPE
        self.shells.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe))
        return {"Id": "exec"}

    def exec_start(self, identity: str, *, socket: bool) -> Any:
        assert (identity, socket) == ("exec", True)
        return _connected(self.shells[-1])

    def run(self, script: str, **environment: str) -> Answer:
        return shell.run(self, Container(self.id, "name", self.state), ["/bin/sh", "-c", script], environment)


def _connected(process: subprocess.Popen[bytes]) -> socket.socket:
    ours, theirs = socket.socketpair()
    one_frame = threading.Lock()

    def forward(stream: Any, number: int) -> None:
        while content := stream.read1(3):
            with one_frame:
                theirs.sendall(struct.pack(">BxxxL", number, len(content)) + content)

    def serve() -> None:
        threads = [threading.Thread(target=forward, args=(s, n)) for s, n in ((process.stdout, 1), (process.stderr, 2))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        theirs.shutdown(socket.SHUT_RDWR)

    def feed() -> None:
        assert process.stdin
        while content := theirs.recv(4096):
            with suppress(BrokenPipeError):
                process.stdin.write(content)
                process.stdin.flush()

    for task in (serve, feed):
        threading.Thread(target=task, daemon=True).start()
    return ours


@pytest.fixture
def container(request: pytest.FixtureRequest) -> Iterator[FakeContainer]:
    fake = FakeContainer(request.node.name)
    yield fake
    for process in fake.shells:
        process.kill()
        process.wait()


def test_what_is_written_and_how_it_ended(container: FakeContainer) -> None:
    assert container.run("echo out; echo err >&2; exit 3") == Answer(3, b"out\n", b"err\n")
    assert container.run("true") == Answer(0, b"", b"")
    assert container.run("printf 'no end of line'; seq 5000").out.endswith(b"\n5000\n")
    assert len(container.shells) == 1


def test_words_and_variables_arrive_as_they_are_and_do_not_stay(container: FakeContainer) -> None:
    assert container.run('echo "$ODD"', ODD='it\'s "$HOME" \n `date`;').out.decode() == 'it\'s "$HOME" \n `date`;\n'
    assert container.run('echo "[$ODD]"; cat').out == b"[]\n"


def test_a_container_that_was_started_again_has_other_shells(container: FakeContainer) -> None:
    container.run("true")
    container.state = replace(container.state, started_at="later")
    assert container.run("echo here").out == b"here\n"
    assert len(container.shells) == 2


def test_a_paused_container_is_asked_to_start_one_which_the_engine_refuses(container: FakeContainer) -> None:
    container.run("true")
    container.state = replace(container.state, status="paused", paused=True)
    container.run("true")
    assert len(container.shells) == 2


def test_a_command_that_its_container_took_along_has_no_exit_code(container: FakeContainer) -> None:
    assert container.run("echo begun; kill -9 $PPID") == Answer(None, b"begun\n", b"")
    assert container.run("echo again").out == b"again\n"
    assert len(container.shells) == 2


def test_a_shell_that_ended_while_it_waited_runs_nothing(container: FakeContainer) -> None:
    container.run("true")
    (waiting,) = container.shells
    waiting.kill()
    waiting.wait()
    assert container.run("echo here") == Answer(None, b"", b"")
    assert container.run("echo again").out == b"again\n"


def test_two_at_a_time_have_a_shell_each(container: FakeContainer, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Neither ends before the other has begun.
    with ThreadPoolExecutor(2) as threads:
        reads, writes = threads.map(container.run, (f"timeout 10 cat {pipe}", f"timeout 10 sh -c 'echo x > {pipe}'"))
    assert (reads, writes) == (Answer(0, b"x\n", b""), Answer(0, b"", b""))
    assert len(container.shells) == 2
