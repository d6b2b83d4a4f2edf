"""Topology stores that exchange changes: they always end with the contents that the filters allow, and fall silent."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redlab_node.environment import InvalidEnvironmentError
from redlab_ucmdb import integration as integrations
from redlab_ucmdb import item as rule
from redlab_ucmdb.integration import POPULATION, Integration
from redlab_ucmdb.item import InvalidItemError, Item, merged
from redlab_ucmdb.runner import Runner
from redlab_ucmdb.sqlite_store import SqliteStore
from redlab_ucmdb.store import Cursor
from redlab_ucmdb.transfer import transfer

MASTER = "ucmdb1"
TYPES = ("host", "application", "business_service", "monitor")
WAYS = (
    Integration("ucmdb1", "ucmdb2", "population", (), 1),
    Integration("ucmdb2", "ucmdb1", "push", (), 1),
    Integration("ucmdb2", "dc1", "population", ("host", "application", "business_service"), 1),
    Integration("ucmdb2", "dc2", "push", ("host", "application", "business_service"), 1),
    Integration("dc1", "ucmdb2", "push", ("host", "application"), 1),
    Integration("dc2", "ucmdb2", "population", ("host", "application"), 1),
)
STORES = ("ucmdb1", "ucmdb2", "dc1", "dc2")

items = st.builds(
    Item,
    type=st.just("host"),
    name=st.just("a"),
    attributes=st.none() | st.dictionaries(st.just("n"), st.integers(0, 2)),
    version=st.integers(1, 3),
    origin=st.sampled_from(STORES),
    global_id=st.none() | st.sampled_from(("1", "2")),
)


@given(items, items, items)
def test_the_order_of_changes_does_not_matter_to_a_store(one: Item, two: Item, three: Item) -> None:
    def told(*versions: Item) -> Item:
        held = versions[0]
        for version in versions[1:]:
            held = merged(held, version, MASTER)
        return held

    assert told(one, two) == told(two, one)
    assert told(told(one, two), three) == told(one, told(two, three))
    assert told(one, one) == one


class CutError(Exception):
    """The link was cut just now."""


class Fragile:
    """A store at the other end of a link that is cut after so many operations."""

    def __init__(self, store: SqliteStore, operations: int) -> None:
        self._store = store
        self._left = operations

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._store, name)

        async def perhaps(*arguments: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                raise CutError
            return await operation(*arguments)

        return perhaps


class Stores:
    """The stores of two instances and their UCMDBs, and every write that was made in one of them."""

    def __init__(self, folder: Path, make: Any = SqliteStore) -> None:
        self._folder = folder
        self._make = make
        self.written: list[tuple[str, Item]] = []
        self.stores: dict[str, SqliteStore] = {}
        for name in STORES:
            self.renew(name)

    def renew(self, name: str) -> None:
        """Lose a store, and make it anew."""
        if name in self.stores:
            self.stores[name].close()
        for file in self._folder.glob(f"{name}.sqlite*"):
            file.unlink()
        self.stores[name] = self._make(self._folder / f"{name}.sqlite", name, MASTER)

    def write(self, name: str, item_type: str, item_name: str, attributes: dict[str, int] | None) -> None:
        item = self.stores[name].put(item_type, item_name, attributes)
        if item:
            self.written.append((name, item))

    def transfer(self, way: Integration, cut_after: int = 1000, batch: int = 500) -> int:
        source: Any = Fragile(self.stores[way.source], cut_after)
        return asyncio.run(transfer(way, source, self.stores[way.target], batch))

    def settle(self) -> None:
        """Every integration, until nothing changes any more; loops would never end."""
        for _ in range(20):
            if sum(self.transfer(way) for way in WAYS) == 0:
                return
        pytest.fail("the integrations go round in circles")

    def expected(self, name: str, item_type: str) -> dict[str, dict[str, int]]:
        """What the definition of the filters says that a store holds: the last of all writes that lead to it."""
        sources = {name}
        while True:
            more = {w.source for w in WAYS if w.target in sources and item_type in (w.item_types or TYPES)} - sources
            if not more:
                break
            sources |= more
        last: dict[str, Item] = {}
        for at, item in self.written:
            if at in sources and item.type == item_type:
                last[item.name] = max(
                    last.get(item.name, item), item, key=lambda i: (i.version, i.origin == MASTER, i.origin)
                )
        return {item.name: dict(item.attributes) for item in last.values() if item.attributes is not None}

    def held(self, name: str, item_type: str) -> dict[str, dict[str, int]]:
        return {item.name: dict(item.attributes or {}) for item in asyncio.run(self.stores[name].items([item_type]))}

    def close(self) -> None:
        for store in self.stores.values():
            store.close()


def check(stores: Stores) -> None:
    """Every store holds exactly what it has to; what the master knows has one global id wherever it is."""
    for name in STORES:
        for item_type in TYPES:
            assert stores.held(name, item_type) == stores.expected(name, item_type), (name, item_type)
    known = {item.key: item.global_id for item in asyncio.run(stores.stores[MASTER].items())}
    assert all(known.values())
    for name in STORES:
        for item in asyncio.run(stores.stores[name].items(["host", "application"])):
            assert item.global_id == known[item.key], (name, item)


def shake(stores: Stores, operations: int, seed: int) -> None:
    """Random creates, updates, deletes everywhere; transfers in any order, of which the link cuts some off."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable test
    for _ in range(operations):
        attributes = None if chance.random() < 0.25 else {"n": chance.randrange(100)}
        stores.write(chance.choice(STORES), chance.choice(TYPES), f"item-{chance.randrange(40)}", attributes)
        if chance.random() < 0.3:
            cut_after = chance.choice((0, 1, 2, 3, 1000))
            with suppress(CutError):
                stores.transfer(chance.choice(WAYS), cut_after, batch=chance.choice((1, 7, 500)))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    made = Stores(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_changes_end_in_the_contents_that_the_filters_allow(stores: Stores, seed: int) -> None:
    shake(stores, 1000, seed)
    stores.settle()
    check(stores)
    assert sum(stores.transfer(way) for way in WAYS) == 0


def test_a_store_that_was_created_anew_is_filled_again(stores: Stores) -> None:
    shake(stores, 200, 7)
    stores.settle()
    stores.renew("dc2")
    stores.settle()
    kept = [(at, item) for at, item in stores.written if at != "dc2"]
    assert kept
    for item_type in ("host", "application"):
        assert stores.held("dc2", item_type) == stores.held("dc1", item_type) != {}


def test_a_widened_filter_passes_earlier_items(stores: Stores) -> None:
    stores.write("ucmdb2", "host", "a", {"n": 1})
    stores.write("ucmdb2", "monitor", "b", {"n": 2})
    for kind in ("population", "push"):
        assert stores.transfer(Integration("ucmdb2", "dc1", kind, ("host",), 1)) == (kind == "population")
        assert stores.held("dc1", "monitor") == {}
    for kind in ("population", "push"):
        assert stores.transfer(Integration("ucmdb2", "dc1", kind, ("host", "monitor"), 1)) == (kind == "population")
    assert stores.held("dc1", "monitor") == {"b": {"n": 2}}


class Deaf(SqliteStore):
    """Ignores every deletion."""

    async def merge(self, items: Sequence[Item], cursor: Cursor | None) -> int:
        return await super().merge([item for item in items if item.attributes is not None], cursor)


class Eager(SqliteStore):
    """Treats every received item as new."""

    async def merge(self, items: Sequence[Item], cursor: Cursor | None) -> int:
        again = [Item(i.type, i.name, i.attributes, i.version + 1, self.name, i.global_id) for i in items]
        return await super().merge(again, cursor)


def test_a_store_that_ignores_deletions_is_caught(tmp_path: Path) -> None:
    deaf = Stores(tmp_path, Deaf)
    shake(deaf, 300, 1)
    deaf.settle()
    with pytest.raises(AssertionError, match=r"dc1|dc2|ucmdb"):
        check(deaf)
    deaf.close()


def test_stores_that_repeat_received_items_are_caught(tmp_path: Path) -> None:
    eager = Stores(tmp_path, Eager)
    eager.write("dc1", "host", "a", {"n": 1})
    with pytest.raises(pytest.fail.Exception, match="in circles"):
        eager.settle()
    eager.close()


def test_a_repeated_write_or_deletion_changes_nothing(stores: Stores) -> None:
    store = stores.stores["ucmdb2"]
    assert store.put("host", "a", {"n": 1}) == Item("host", "a", {"n": 1}, 1, "ucmdb2")
    assert store.put("host", "a", {"n": 1}) is None
    assert store.put("host", "b", None) is None
    deleted = store.put("host", "a", None)
    assert deleted
    assert deleted.version == 2
    assert store.put("host", "a", None) is None
    assert asyncio.run(store.items()) == []
    assert asyncio.run(store.items(deleted=True)) == [deleted]


def test_the_ucmdb_that_runs_an_integration() -> None:
    ucmdbs = frozenset(("ucmdb1", "ucmdb2"))
    found = [way.runs_at(ucmdbs) for way in WAYS]
    assert found == ["ucmdb2", "ucmdb2", "ucmdb2", "ucmdb2", "ucmdb2", "ucmdb2"]
    assert Integration("ucmdb1", "dc1", "population", (), 1).runs_at(ucmdbs) == "ucmdb1"
    assert Integration("dc1", "ucmdb1", "federation", (), 1).runs_at(ucmdbs) == "ucmdb1"


PLACES = {"ucmdb1": "http://ucmdb1:8100", "dc1": "host=dc1-db1 dbname=rtsm", "dc2": "host=dc2-db1 dbname=rtsm"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"type": "osmosis"}, "type 'osmosis' is none of population, push, federation"),
        ({"source": "dc3"}, "not two of ucmdb1, dc1, dc2"),
        ({"source": "dc1", "target": "dc2"}, "neither is a UCMDB"),
        ({"type": "federation"}, "the target of a federation is a UCMDB"),
        ({"intervalSeconds": 0}, "no positive number"),
    ],
)
def test_an_impossible_integration_is_refused(changed: dict[str, Any], message: str) -> None:
    good = {"source": "ucmdb1", "target": "dc1", "type": "population", "itemTypes": ["host"], "intervalSeconds": 2}
    assert integrations.parse(json.dumps([good]), PLACES) == (Integration("ucmdb1", "dc1", "population", ("host",), 2),)
    with pytest.raises(InvalidEnvironmentError, match=message):
        integrations.parse(json.dumps([good | changed]), PLACES)


@pytest.mark.parametrize(
    "changed",
    [{"type": "Host"}, {"name": ""}, {"name": "a\nb"}, {"attributes": []}, {"version": 0}, {"origin": 1}, {"more": 1}],
)
def test_a_document_that_is_no_item_is_refused(changed: dict[str, Any]) -> None:
    good = Item("host", "a", {"n": 1}, 1, "dc1").document()
    assert rule.parse(good).document() == good
    with pytest.raises(InvalidItemError):
        rule.parse(good | changed)


class FullAtCommit:
    """The connection of a store whose volume is full at its first commit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._full = True

    def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
        if statement == "COMMIT" and self._full:
            self._full = False
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(statement, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_a_store_accepts_writes_after_its_volume_was_full(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "one.sqlite", "one", "one")
    store._connection = FullAtCommit(store._connection)  # type: ignore[assignment]
    with pytest.raises(sqlite3.Error, match="full"):
        store.put("host", "a", {"x": 1})
    assert asyncio.run(store.items()) == []
    assert store.put("host", "a", {"x": 2}) is not None
    assert [item.attributes for item in asyncio.run(store.items())] == [{"x": 2}]
    store.close()


def test_an_integration_of_a_full_store_fails_and_continues(tmp_path: Path) -> None:
    source, target = (SqliteStore(tmp_path / f"{name}.sqlite", name, "one") for name in ("one", "two"))
    source.put("host", "a", {"x": 1})
    target._connection = FullAtCommit(target._connection)  # type: ignore[assignment]
    runner = Runner(Integration("one", "two", POPULATION, (), 0.01), source, target)

    async def run() -> list[str]:
        running, seen = asyncio.create_task(runner.run()), []
        while "current" not in seen:
            await asyncio.sleep(0)
            state = str(runner.status()["state"])
            seen += [] if seen[-1:] == [state] else [state]
        running.cancel()
        return seen

    assert asyncio.run(asyncio.wait_for(run(), 10))[-2:] == ["failing", "current"]
    source.close()
    target.close()
