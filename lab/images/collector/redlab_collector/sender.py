"""Sends each operation of a schedule when it is due, even while earlier ones wait for their answers."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from redlab_collector.exchange import Ending, Limits, exchange
from redlab_collector.operation import Kind, Operation, Outcome, Result
from redlab_collector.target import Items, Target


class Sender:
    """An open-loop sender; it reports each operation exactly once.

    With several ``collectors`` an operation goes to the first that accepts it. The sender first tries the one that
    accepted the previous operation.
    """

    def __init__(
        self,
        collectors: Sequence[Target],
        users: Target,
        items: Items,
        first_seq: int,
        limits: Limits,
        report: Callable[[Result], object],
        maximum_in_flight: int = 4096,
    ) -> None:
        self._collectors = list(collectors)
        self._users = users
        self._items = items
        self._first_seq = first_seq
        self._limits = limits
        self._report = report
        self._maximum_in_flight = maximum_in_flight
        self._in_flight = 0

    async def run(self, operations: Iterable[Operation]) -> None:
        """Send all operations and return when the last has ended. When cancelled, those in flight are `unknown`."""
        async with asyncio.TaskGroup() as group:
            for operation in operations:
                delay = operation.scheduled - time.monotonic()
                if delay > 0:
                    await asyncio.sleep(delay)
                if self._in_flight < self._maximum_in_flight:
                    self._in_flight += 1
                    group.create_task(self._perform(operation))
                else:
                    now = time.monotonic()
                    self._report(Result(operation, now, now, Outcome.FAIL, detail="sender saturated"))

    async def _perform(self, operation: Operation) -> None:
        sent = time.monotonic()
        try:
            ending = await self._exchange(operation)
        except asyncio.CancelledError:
            self._report(Result(operation, sent, time.monotonic(), Outcome.UNKNOWN, detail="sender stopped"))
            raise
        finally:
            self._in_flight -= 1
        answer = ending.answer
        self._report(
            Result(
                operation,
                sent,
                time.monotonic(),
                ending.outcome,
                answer.status if answer else None,
                answer.node if answer else "",
                ending.detail,
            )
        )

    async def _exchange(self, operation: Operation) -> Ending:
        if operation.kind is Kind.USER:
            return await exchange(self._users, self._users.get_recent(), self._limits)
        seq = self._first_seq + operation.n * operation.events
        unknown: Ending | None = None
        for target in tuple(self._collectors):
            request = target.post_events(self._items, seq, operation.events)
            ending = await exchange(target, request, self._limits)
            if ending.outcome is Outcome.OK:
                return ending
            # Try the next one, and try it first from now on. The sequence numbers reveal an item that arrived twice.
            if self._collectors[0] is target:
                self._collectors.append(self._collectors.pop(0))
            unknown = ending if ending.outcome is Outcome.UNKNOWN else unknown
        return unknown or ending
