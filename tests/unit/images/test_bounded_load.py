"""Bodies in flight are bounded in bytes, and all spectators together cost one query a second."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest
from redlab_gateway.live import FullError, Live
from redlab_node.bodies import Bodies, BusyError
from redlab_node.environment import memory_bytes

MIB = 1024 * 1024


def test_three_hundred_bodies_at_once_hold_no_more_than_the_limit() -> None:
    async def run() -> tuple[int, int, int]:
        bodies, held, most, served = Bodies(8 * MIB, wait_seconds=30, waiting=200), 0, 0, 0

        async def one() -> None:
            nonlocal held, most, served
            taken = await bodies.take(MIB)
            held += taken
            most = max(most, held)
            await asyncio.sleep(0)
            held -= taken
            served += 1
            bodies.give(taken)

        results = await asyncio.gather(*(one() for _ in range(300)), return_exceptions=True)
        refused = [error for error in results if isinstance(error, BusyError)]
        assert bodies.free_bytes == 8 * MIB
        return most, served, len(refused)

    most, served, refused = asyncio.run(run())
    assert most == 8 * MIB
    assert (served, refused) == (208, 92)


def test_a_request_that_waits_too_long_is_refused_and_the_next_is_served() -> None:
    async def run() -> None:
        bodies = Bodies(10, wait_seconds=0.01, waiting=5)
        first = await bodies.take(6)
        with pytest.raises(BusyError):
            await bodies.take(5)
        second = await bodies.take(4)
        assert bodies.free_bytes == 0
        bodies.give(first)
        bodies.give(second)
        everything = await bodies.take(1000)  # more than there is: all of it
        assert bodies.free_bytes == 0
        bodies.give(everything)
        assert bodies.free_bytes == 10

    asyncio.run(run())


def test_a_thousand_spectators_cause_one_query() -> None:
    async def run() -> tuple[int, int, set[bytes]]:
        asked = 0

        async def ask() -> bytes:
            nonlocal asked
            asked += 1
            return b"%d" % asked

        live, refused, seen = Live(ask, 3600, limit=100), 0, set()
        async with AsyncExitStack() as stack:
            for _ in range(1000):
                answers = await stack.enter_async_context(aclosing(live.answers()))
                try:
                    seen.add(await anext(answers))
                except FullError:
                    refused += 1
        # All spectators have left: the next one gets a new answer.
        async with aclosing(live.answers()) as answers:
            seen.add(await anext(answers))
        return asked, refused, seen

    assert asyncio.run(run()) == (2, 900, {b"1", b"2"})


def test_each_update_reaches_all_spectators() -> None:
    async def run() -> list[list[bytes]]:
        said = iter([b"a", b"b", b"c"])

        async def ask() -> bytes:
            return next(said)

        live = Live(ask, 0, limit=2)

        async def look() -> list[bytes]:
            async with aclosing(live.answers()) as answers:
                return [await anext(answers) for _ in range(2)]

        return await asyncio.gather(look(), look())

    assert asyncio.run(run()) == [[b"a", b"b"], [b"a", b"b"]]


@pytest.mark.parametrize(("said", "expected"), [("67108864\n", 64 * MIB), ("max", 256 * MIB), ("", 256 * MIB)])
def test_the_memory_of_a_container_is_that_of_its_control_group(tmp_path: Path, said: str, expected: int) -> None:
    (tmp_path / "memory.max").write_text(said)
    assert memory_bytes([tmp_path / "missing", tmp_path / "memory.max"]) == expected
