"""The load balancer's watch of HAProxy: a connection may end at any time without ending the watch."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from redlab.stack import checkout
from redlab.waiting import until

SCRIPT = checkout.ROOT / "lab" / "images" / "load_balancer" / "load-balancer"
ANSWERS = "while read -r asked; do echo admin; done"
# While connections are refused, each is waited for before each command: bash has then unset what it had of it.
WATCH = """
set -uT
{functions}
trap '[ ! -e "{refusing}" ] || wait "${{api_PID:-}}" 2> /dev/null' DEBUG
watch_haproxy
"""


class Watch:
    """The script's own functions, with another `socat` in HAProxy's place."""

    def __init__(self, folder: Path) -> None:
        self._socat, self._told, self._refused = folder / "socat", folder / "haproxy", folder / "refused"
        # Of its own: a last connection may be refused, and write that down, while another HAProxy takes the place.
        self._refusing = folder / "refusing"
        self._told.write_text("-254\n")
        self.haproxy(f"echo refused >> {self._refused}; exit 1")
        self._refused.touch()
        self._refusing.touch()
        found = re.search(r"^watch_haproxy\(\).*?^stopping=", SCRIPT.read_text(), re.MULTILINE | re.DOTALL)
        assert found
        functions = found[0].removesuffix("stopping=").replace("/run/keepalived", str(folder))
        self.process = subprocess.Popen(
            ["bash", "-c", WATCH.format(functions=functions, refusing=self._refusing)],
            env={"PATH": f"{folder}:{os.environ['PATH']}"},
            start_new_session=True,
        )

    def haproxy(self, does: str) -> None:
        """Have the next connection to HAProxy do this, and wait for the end of none any more."""
        if self._refusing.exists():
            self._refusing.unlink()
            # A connection that was begun before may be waited for: it has to be one that ends by itself.
            begun = self.refused()
            assert until(lambda: self.refused() > begun + 1, 10)
        replaced = self._socat.with_suffix(".new")
        replaced.write_text(f"#!/bin/bash\n{does}\n")
        replaced.chmod(0o755)
        replaced.replace(self._socat)

    def refused(self) -> int:
        """How many connections were refused."""
        return len(self._refused.read_text().splitlines())

    def weight(self) -> str:
        """What keepalived reads."""
        return self._told.read_text().strip()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    running = Watch(tmp_path)
    yield running
    with suppress(ProcessLookupError):
        os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()


def test_a_refused_connection_is_no_answer_but_the_next_one_may_be(watch: Watch) -> None:
    assert until(lambda: watch.process.poll() is not None or watch.refused() >= 5, 10)
    assert (watch.process.poll(), watch.weight()) == (None, "-254")
    watch.haproxy(ANSWERS)
    assert until(lambda: watch.weight() == "0", 10)


def test_a_connection_that_ends_is_made_again(watch: Watch) -> None:
    watch.haproxy("read -r prompt; read -r asked; echo admin; read -r asked_again")
    assert until(lambda: watch.weight() == "0", 10)
    assert until(lambda: watch.weight() == "-254", 10)
    watch.haproxy(ANSWERS)
    assert until(lambda: watch.weight() == "0", 10)
    assert watch.process.poll() is None
