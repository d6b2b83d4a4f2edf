"""What others than the load were told is safe, looked for in the databases."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.measure.others import Item
from redlab.model.inventory import Node
from redlab.probes import database, other_data
from tests.support.unit.inventories import inventory_of

LINE = (
    '{"op":"collect","n":%d,"events":1,"kinds":"%s","scheduled":%f,"sent":%f,"completed":%f,"outcome":"%s",'
    '"status":200,"node":"gw1","detail":""}\n'
)


def test_what_a_collector_wrote_down_is_read_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    written = [(5, "e", 99.0, "ok"), (6, "m", 101.0, "ok"), (7, "e", 102.0, "unknown"), (8, "0", 103.0, "ok")]
    lines = "".join(LINE % (n, kind, at, at, at, outcome) for n, kind, at, outcome in written)
    monkeypatch.setattr(engine, "execute", lambda node, command: f"twin-a\n{lines}")
    found = other_data.acknowledged(inventory_of("ha"), 100.0, 110.0)
    assert found == {Item("metric", "twin-a", 6), Item("topology", "twin-a", 8)}


def test_a_collector_that_does_not_run_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(node: Node, command: list[str]) -> str:
        raise RedlabError("it is stopped")

    monkeypatch.setattr(engine, "execute", execute)
    assert other_data.acknowledged(inventory_of("ha"), 100.0, 110.0) == frozenset()


class Servers:
    """Databases that hold some numbers of each kind; ``without``: a kind whose table nobody has made."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, held: dict[str, dict[str, list[int]]], without: str = ""
    ) -> None:
        self.asked: list[str] = []
        self.set_aside: list[str] = []
        self._held, self._without = held, without
        monkeypatch.setattr(database, "query", self._query)

    def _query(self, server: Node, name: str, text: str, environment: Mapping[str, str] | None = None) -> str:
        if "to_regclass('rejected')" in text:
            return "t" if self.set_aside else "f"
        if "FROM rejected" in text:
            return "".join('"' + content.replace('"', '""') + '"\n' for content in self.set_aside)
        if "to_regclass" in text:
            return "f" if name == self._without else "t"
        if name == self._without:
            raise RedlabError("no such table")
        assert environment
        self.asked.append(environment["PGOPTIONS"])
        return "".join(f"{seq}\n" for seq in self._held[server.name].get(name, []))


ITEMS = {Item("event", "a\\ b", 1), Item("event", "a\\ b", 2), Item("metric", "c", 1), Item("topology", "c", 4)}


def test_what_any_of_the_servers_holds_is_accounted_for(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = inventory_of("business-continuity")
    one, other = (node.name for node in inventory.of_role("database")[:2])
    servers = Servers(monkeypatch, {one: {"event": [1]}, other: {"event": [9], "profile": [1]}})
    found = other_data.accounted(inventory, inventory.of_role("database")[:2], ITEMS)
    assert ITEMS - found == {Item("event", "a\\ b", 2), Item("topology", "c", 4)}
    # What anybody calls himself is one word of the options, whatever is in it.
    assert "-c redlab.collector=a\\\\\\ b" in servers.asked


def test_a_table_that_nobody_has_made_holds_nothing_and_a_server_that_fails_is_no_empty_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inventory = inventory_of("ha")
    (server,) = inventory.of_role("database")
    Servers(monkeypatch, {server.name: {"event": [1, 2], "rtsm": [4]}}, without="profile")
    assert ITEMS - other_data.accounted(inventory, [server], ITEMS) == {Item("metric", "c", 1)}

    def fail(*_: object) -> str:
        raise RedlabError("does not answer")

    monkeypatch.setattr(database, "query", fail)
    with pytest.raises(RedlabError, match="does not answer"):
        other_data.accounted(inventory, [server], ITEMS)


def test_what_was_set_aside_is_accounted_for(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = inventory_of("ha")
    (server,) = inventory.of_role("database")
    servers = Servers(monkeypatch, {server.name: {"event": [1, 2], "rtsm": [4]}})
    assert ITEMS - other_data.accounted(inventory, [server], ITEMS) == {Item("metric", "c", 1)}
    batch = {"accepted_at": 1.0, "request": {"collector": "c", "events": [{"seq": 1, "kind": "metric", "data": {}}]}}
    servers.set_aside = ["no JSON", json.dumps([batch]), "[1]"]
    assert other_data.accounted(inventory, [server], ITEMS) == ITEMS


def test_topology_that_comes_by_integrations_is_not_looked_for_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = inventory_of("dr-ucmdb")
    server = inventory.of_role("database")[0]
    Servers(monkeypatch, {server.name: {"event": [1, 2], "profile": [1]}})
    assert other_data.accounted(inventory, [server], ITEMS) == ITEMS
