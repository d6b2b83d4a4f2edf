"""Sends the operations of a schedule when they are due, however slowly the earlier ones are answered."""

import asyncio
import time
from collections.abc import Callable, Iterable

from redlab_collector.exchange import Limits, exchange
from redlab_collector.operation import Kind, Operation, Outcome, Result
from redlab_collector.target import Target


class Sender:
    """An open-loop sender; reports each operation exactly once."""

    def __init__(
        self,
        collectors: Target,
        users: Target,
        collector_id: str,
        first_seq: int,
        limits: Limits,
        report: Callable[[Result], object],
        maximum_in_flight: int = 4096,
    ) -> None:
        self._collectors = collectors
        self._users = users
        self._collector_id = collector_id
        self._first_seq = first_seq
        self._limits = limits
        self._report = report
        self._maximum_in_flight = maximum_in_flight
        self._in_flight = 0

    async def run(self, operations: Iterable[Operation]) -> None:
        """Send everything, and return when the last operation has ended; cancelled: those in flight are `unknown`."""
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
        target, request = self._request(operation)
        try:
            ending = await exchange(target.address, request, self._limits)
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

    def _request(self, operation: Operation) -> tuple[Target, bytes]:
        if operation.kind is Kind.USER:
            return self._users, self._users.get_recent()
        seq = self._first_seq + operation.n * operation.events
        return self._collectors, self._collectors.post_events(self._collector_id, seq, operation.events)
