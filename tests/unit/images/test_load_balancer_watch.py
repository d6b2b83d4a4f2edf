"""How the load balancer watches HAProxy: a connection that ends, whenever it does, does not end the watch."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from redlab import checkout
from redlab.waiting import until

SCRIPT = checkout.ROOT / "lab" / "images" / "load_balancer" / "load-balancer"
REFUSED = "exit 1"
ANSWERS = "while read -r asked; do echo admin; done"
# With a pause before each command whatever may happen between two of them has happened.
WATCH = """
set -uT
{functions}
trap 'sleep 0.01' DEBUG
watch_haproxy
"""


class Watch:
    """The script's own functions, with another `socat` in HAProxy's place."""

    def __init__(self, folder: Path) -> None:
        self._socat, self._told = folder / "socat", folder / "haproxy"
        self._told.write_text("-254\n")
        self.haproxy(REFUSED)
        found = re.search(r"^watch_haproxy\(\).*?^stopping=", SCRIPT.read_text(), re.MULTILINE | re.DOTALL)
        assert found
        functions = found[0].removesuffix("stopping=").replace("/run/keepalived", str(folder))
        self.process = subprocess.Popen(
            ["bash", "-c", WATCH.format(functions=functions)],
            env={"PATH": f"{folder}:{os.environ['PATH']}"},
            start_new_session=True,
        )

    def haproxy(self, does: str) -> None:
        """Have the next connection to HAProxy do this."""
        replaced = self._socat.with_suffix(".new")
        replaced.write_text(f"#!/bin/bash\n{does}\n")
        replaced.chmod(0o755)
        replaced.replace(self._socat)

    def weight(self) -> str:
        """What keepalived reads."""
        return self._told.read_text().strip()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    running = Watch(tmp_path)
    yield running
    os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()


def test_a_refused_connection_is_no_answer_and_the_next_one_may_be_one(watch: Watch) -> None:
    # Refused at every look, for as long as ten of them take and more.
    assert not until(lambda: watch.process.poll() is not None or watch.weight() != "-254", 3)
    watch.haproxy(ANSWERS)
    assert until(lambda: watch.weight() == "0", 10)


def test_a_connection_that_ends_is_made_again(watch: Watch) -> None:
    watch.haproxy("read -r prompt; read -r asked; echo admin; read -r asked_again")
    assert until(lambda: watch.weight() == "0", 10)
    assert until(lambda: watch.weight() == "-254", 10)
    watch.haproxy(ANSWERS)
    assert until(lambda: watch.weight() == "0", 10)
    assert watch.process.poll() is None
