"""The collector's main process: a steady trickle of events under the name of its node."""

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Iterator

from redlab_collector.exchange import Limits
from redlab_collector.items import Measurements
from redlab_collector.kept_history import KeptHistory
from redlab_collector.operation import Kind, Operation, Outcome, Result
from redlab_collector.sender import Sender
from redlab_collector.target import takers

_LOOK_AHEAD = 64
"""The highest number of operations in flight; it bounds the memory."""


class Changes:
    """Logs an outcome only when it differs from the one before."""

    def __init__(self) -> None:
        self._last: Outcome | None = None

    def __call__(self, result: Result) -> None:
        """Take in one result."""
        if result.outcome is not self._last:
            self._last = result.outcome
            log(f"events: {result.outcome}", seq_offset=result.operation.n, detail=result.detail)


def log(message: str, **fields: object) -> None:
    """Write one line of the log."""
    sys.stdout.write(json.dumps({"program": "collector", "message": message, **fields}) + "\n")
    sys.stdout.flush()


def first_seq() -> int:
    """Return a sequence number above all earlier ones, without a file: microseconds since 1970.

    The numbers grow by one for each event, far slower than the clock. A restarted collector therefore begins above its
    earlier numbers.
    """
    return time.time_ns() // 1000


def endless(events_per_second: float) -> Iterator[Operation]:
    """Yield one operation for each event, without end; after a pause the missed ones are due at once."""
    start = time.monotonic()
    for n in itertools.count():
        yield Operation(Kind.COLLECT, n, start + n / events_per_second, 1)


def in_turn(events_per_second: float, number: int, interval_factor: int) -> Iterator[Operation]:
    """Yield the operations of one of two twins, without end; ``number`` is 0 or 1, ``interval_factor`` 1 or 2.

    Both twins count the intervals since 1970, so that their measurements of one interval have one number. With a factor
    of 2 they measure alternately.
    """
    ahead = time.time() - time.monotonic()
    first = int(time.time() * events_per_second) + 1
    for n in itertools.count(first + (number - first) % interval_factor, interval_factor):
        yield Operation(Kind.COLLECT, n, n / events_per_second - ahead, 1)


async def run(events_per_second: float) -> None:
    """Send until SIGTERM; with a rate of 0 only wait for SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if events_per_second == 0:
        log("idle")
        await stop.wait()
        return
    targets = takers(os.environ)
    twin = os.environ.get("REDLAB_TWIN", "")
    if twin:
        number, factor = (int(os.environ[name]) for name in ("REDLAB_TWIN_NUMBER", "REDLAB_INTERVAL_FACTOR"))
        items, first, operations = Measurements(twin, factor, number), 0, in_turn(events_per_second, number, factor)
    else:
        items, first, operations = (
            Measurements(os.environ["REDLAB_NODE"], alone=len(targets) > 1),
            first_seq(),
            endless(events_per_second),
        )
    changes, history = Changes(), KeptHistory()

    def report(result: Result) -> None:
        changes(result)
        history.write(result, first, items.kind(first + result.operation.n))

    sender = Sender(targets, targets[0], items, first, Limits(), report, _LOOK_AHEAD)
    sending = asyncio.create_task(sender.run(operations))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
    sending.cancel()
    await asyncio.wait({sending})
    if not sending.cancelled():
        sending.result()


def main() -> None:
    """Run the collector."""
    asyncio.run(run(float(os.environ.get("REDLAB_EVENTS_PER_SECOND", "0"))))
