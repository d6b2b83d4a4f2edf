"""Events that the database will never accept are set aside; after a temporary refusal they are not."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.unit.without_psycopg import DataError, OperationalError, ProgramLimitExceeded, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVENTS = [{"seq": seq, "data": {"a": "bad" if seq == 5 else "good"}} for seq in range(8)]
CHUNK = json.dumps([{"accepted_at": 1, "request": {"collector": "c", "events": EVENTS}}])


class Database:
    """Accepts chunks without "bad"; for others it raises the given error."""

    def __init__(self, error: Exception, *, held: bool = True) -> None:
        self.error = error
        self.held = held
        self.taken: list[int] = []
        self.aside: list[dict[str, Any]] = []

    async def write(self, body: str, _epoch: int) -> Counter[str]:
        if "bad" in body:
            raise self.error
        seqs = [event["seq"] for batch in json.loads(body) for event in batch["request"]["events"]]
        self.taken += seqs
        return Counter(event=len(seqs))

    async def execute(self, _statement: str, parameters: dict[str, Any]) -> Any:
        known = [one["digest"] for one in self.aside]
        new = self.held and parameters["digest"] not in known
        if new:
            self.aside.append(parameters)

        async def fetchone() -> tuple[int, int]:
            return int(self.held), int(new)

        return SimpleNamespace(fetchone=fetchone)


def write(monkeypatch: pytest.MonkeyPatch, database: Database, body: str = CHUNK, times: int = 1) -> tuple[Any, Any]:
    module = load(monkeypatch, "redlab_dps.rejected")
    rejected = module.Rejected(None, "dps1", None)

    @asynccontextmanager
    async def use(_: float) -> AsyncIterator[Any]:
        yield database

    rejected._session = SimpleNamespace(use=use)
    written = [asyncio.run(rejected.write(database.write, body, "gw1", 3)) for _ in range(times)]
    return written[0], rejected.total


@pytest.mark.parametrize(
    "error", [DataError("no jsonb"), ProgramLimitExceeded("too long"), ValueError(), RecursionError()]
)
def test_the_one_event_is_set_aside_and_the_others_are_written(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    database = Database(error)
    written, total = write(monkeypatch, database, times=2)
    assert written == Counter(event=7)
    # Taken out of the queue a second time it is the same one.
    assert total == 1
    assert database.taken == [0, 1, 2, 3, 4, 6, 7] * 2
    (aside,) = database.aside
    assert json.loads(aside["content"])[0]["request"]["events"] == [EVENTS[5]]
    assert (aside["gateway"], aside["epoch"]) == ("gw1", 3)
    assert aside["reason"].startswith(type(error).__name__)


def test_a_database_that_is_away_sets_nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(OperationalError("the connection is lost"))
    with pytest.raises(OperationalError):
        write(monkeypatch, database)
    assert (database.aside, database.taken) == ([], [])


def test_a_server_without_the_lease_sets_nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(DataError("no jsonb"), held=False)
    with pytest.raises(Exception, match="epoch 3 is over"):
        write(monkeypatch, database)
    assert database.aside == []


def test_an_unreadable_chunk_is_set_aside_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(DataError("no jsonb"))
    write(monkeypatch, database, "bad \0 \udcff" + "[" * 5000)
    assert database.aside[0]["content"] == "bad \ufffd ?" + "[" * 5000
