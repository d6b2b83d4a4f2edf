"""A user of a session waits for its turn with a deadline, and the next user gets its turn."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.unit.without_psycopg import AsyncConnection, OperationalError, load


def test_a_turn_that_does_not_come_in_time_is_a_database_error(monkeypatch: pytest.MonkeyPatch) -> None:
    database = load(monkeypatch, "redlab_node.database")

    async def connect(_: str) -> AsyncConnection:
        return AsyncConnection()

    async def run() -> tuple[int, int]:
        session = database.Session(SimpleNamespace(connect=connect), "event")
        release, held = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            async with session.use(3600):
                held.set()
                await release.wait()

        async def ask(seconds: float) -> None:
            async with session.use(seconds):
                pass

        holding = asyncio.create_task(hold())
        await held.wait()
        answers: list[Any] = await asyncio.gather(*(ask(0.01) for _ in range(100)), return_exceptions=True)
        refused = sum(isinstance(answer, OperationalError) for answer in answers)
        waiting = [asyncio.create_task(ask(3600)) for _ in range(100)]
        await asyncio.sleep(0)
        release.set()
        await asyncio.gather(holding, *waiting)
        return refused, len(waiting)

    assert asyncio.run(run()) == (100, 100)
