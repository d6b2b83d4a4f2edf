"""Who makes the tables of a database, and where nobody can: on a server that is frozen for its switchover."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from tests.support.unit.without_psycopg import AsyncConnection, load


@dataclass
class FakeSession(AsyncConnection):
    """A session with a server that accepts writes or not; ``done`` is what was executed after it said so."""

    frozen: bool
    done: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield

    @property
    def info(self) -> SimpleNamespace:
        reported = {"in_hot_standby": "off", "default_transaction_read_only": "on" if self.frozen else "off"}
        return SimpleNamespace(parameter_status=reported.get)

    async def execute(self, text: str, _: object = None) -> None:
        assert not self.frozen, "cannot execute CREATE TABLE in a read-only transaction"
        self.done.append(text)


@pytest.mark.parametrize(
    ("frozen", "done"),
    [
        (False, ["SELECT pg_advisory_xact_lock(%s)", "CREATE TABLE IF NOT EXISTS one ()"]),
        (True, []),
    ],
)
def test_tables_are_made_where_writes_are_accepted_and_a_frozen_server_can_still_be_read(
    monkeypatch: pytest.MonkeyPatch, frozen: bool, done: list[str]
) -> None:
    database = load(monkeypatch, "redlab_node.database")
    session = FakeSession(frozen)
    asyncio.run(database.make_tables(session, "CREATE TABLE IF NOT EXISTS one ()", 7))
    assert session.done == done
