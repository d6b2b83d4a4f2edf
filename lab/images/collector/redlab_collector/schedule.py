"""The schedule of an open-loop load, fixed before the first operation; slow answers never shift it."""

import heapq
from collections.abc import Iterator

from redlab_collector.operation import Kind, Operation


def schedule(
    start: float, seconds: float, events_per_second: float, users_per_second: float, batch_events: int = 1
) -> Iterator[Operation]:
    """Yield the operations of both kinds in the order of their due times.

    `events_per_second` counts events: with `batch_events` N there are N times fewer operations.
    A kind whose rate is 0 has no operations.
    """
    return heapq.merge(
        _every(Kind.COLLECT, start, seconds, events_per_second / batch_events, batch_events),
        _every(Kind.USER, start, seconds, users_per_second, 0),
        key=lambda operation: operation.scheduled,
    )


def _every(kind: Kind, start: float, seconds: float, rate: float, events: int) -> Iterator[Operation]:
    # A product, not a sum: rounding errors do not accumulate.
    for n in range(round(seconds * rate)):
        yield Operation(kind, n, start + n / rate, events)
