"""What is wrong with a database server that is not well is named: a full volume, or none of its data."""

from __future__ import annotations

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import certificates, disk, node_state, replication
from redundancy.roles import Role
from tests.support.fake_engine import FakeEngine, running
from tests.support.unit.inventories import inventory_of

ENDED = b'FATAL:  could not write to file "pg_wal/xlogtemp.27": No space left on device\n'


def server(patch: pytest.MonkeyPatch, *, free: int | None, logs: bytes = b"") -> None:
    def execute(name: str, command: list[str]) -> str:
        assert (name, command[0]) == ("redlab-ha-db1", "df")
        return f"1B-blocks Avail\n1000000000 {free}\n"

    fake = FakeEngine([running("redlab-ha-db1")], execute).used(patch)
    fake.said["redlab-ha-db1"] = logs
    if free is None:
        fake.change("redlab-ha-db1", status="restarting")


@pytest.mark.parametrize(
    ("free", "logs", "said"),
    [
        (500_000_000, ENDED, ""),
        (400_000, b"", "the volume is full (0 MiB free)"),
        (None, ENDED, "the volume is full, and the server does not start"),
        (None, b"database system is shut down", ""),
    ],
)
def test_a_full_volume_is_named(monkeypatch: pytest.MonkeyPatch, free: int | None, logs: bytes, said: str) -> None:
    server(monkeypatch, free=free, logs=logs)
    found = disk.full(inventory_of("ha"))
    assert found.get("db1", "").startswith(said)
    assert bool(found) is bool(said)


def test_a_node_that_is_not_ready_for_want_of_room_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    server(monkeypatch, free=None, logs=ENDED)
    states = [node_state.NodeState("db1", Role.DATABASE, "dc1", "unhealthy", "", 9, "")]
    monkeypatch.setattr(node_state, "node_states", lambda _: states)
    monkeypatch.setattr(certificates, "expired", lambda _: {})
    assert node_state.unready(inventory_of("ha")).startswith("db1 unhealthy (the volume is full, and")


def test_a_container_that_is_gone_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeEngine().used(monkeypatch)
    assert disk.full(inventory_of("ha")) == {}


@pytest.mark.parametrize(
    ("mark", "standing", "named"), [("", "empty", True), ("dc2-db1", "empty", False), ("", "data", False)]
)
def test_a_server_that_came_back_empty_and_waits_is_named(
    monkeypatch: pytest.MonkeyPatch, mark: str, standing: str, named: bool
) -> None:
    def execute(node: Node, command: list[str], *_: object) -> str:
        if command[0] == "database-standing":
            return f"{standing}\n"
        raise RedlabError("it does not answer")

    monkeypatch.setattr(engine, "execute", execute)
    monkeypatch.setattr(replication, "role", lambda node: None if node.name == "dc1-db1" else object())
    monkeypatch.setattr(replication, "follows", lambda _: mark)
    monkeypatch.setattr(disk, "full", lambda _: {})
    states = [node_state.NodeState("dc1-db1", Role.DATABASE, "dc1", "starting", "", 0, "")]
    monkeypatch.setattr(node_state, "node_states", lambda _: states)
    assert ("`redlab failover` makes that one the primary" in node_state.unready(inventory_of("dr"))) is named
