"""High Availability with a database cluster: `controller --watch` fences a dead primary, and the standby takes over."""

from __future__ import annotations

import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from redlab import engine
from redlab.control.lab import open_lab
from redlab.probes import database
from redlab.stack import checkout
from redlab.stack.pulumi import Stack
from redlab.waiting import until
from tests.support import docker_engine
from tests.support.stacks.commands import pulumi, redlab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi

STACK = "test-ha-cluster"
KEY = "redundancy:overrides.sites.dc1.database.availability"
TAKES_OVER_SECONDS = 60
SAYS_SECONDS = 20


@pytest.fixture(scope="module")
def clustered() -> Iterator[Laboratory]:
    redlab("destroy", STACK)
    try:
        Stack(STACK).create()
        pulumi("config", "set", "--stack", STACK, "--path", KEY, "cluster")
        redlab("up", STACK, "--topology", "ha")
        yield open_lab(STACK)
    finally:
        redlab("destroy", STACK)


@pytest.fixture
def watching(clustered: Laboratory) -> Iterator[list[str]]:
    """What `redlab controller --watch` says; it has begun to watch."""
    command, said = ["./redlab", "controller", clustered.inventory.lab, "--watch"], []
    with subprocess.Popen(command, cwd=checkout.ROOT, stderr=subprocess.PIPE, text=True) as process:
        threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True).start()
        try:
            assert until(lambda: any("watching db1, db2" in line for line in said), SAYS_SECONDS), said
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(10) == 0
            finally:
                process.kill()  # or leaving the block would wait for ever


def test_a_dead_primary_is_fenced_and_what_was_written_is_there(clustered: Laboratory, watching: list[str]) -> None:
    inventory = clustered.inventory
    standby = until(lambda: database.synchronous_standby(inventory), TAKES_OVER_SECONDS)
    former = database.primary(inventory)
    assert standby
    assert former
    write = "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number"
    engine.execute(former, ["psql", "-X", "-U", "postgres", "-d", "event", "-c", write])
    docker_engine.container(former).kill()
    assert until(lambda: database.primary(inventory) == standby, TAKES_OVER_SECONDS)
    assert until(lambda: any(f"fenced {former.name}" in line for line in watching), SAYS_SECONDS), watching
    count = ["psql", "-XAt", "-U", "postgres", "-d", "event", "-c", "SELECT count(*) FROM kept"]
    assert engine.execute(standby, count).strip() == "1000"
    redlab("heal", inventory.lab)
    assert until(lambda: database.synchronous_standby(inventory) == former, TAKES_OVER_SECONDS)
    assert until(lambda: clustered.management.health().services.state == "active", TAKES_OVER_SECONDS)
