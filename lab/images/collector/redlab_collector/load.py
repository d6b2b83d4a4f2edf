"""The command `load`: an open-loop load with its history on stdout."""

import argparse
import asyncio
import os
import signal
import sys
import time

import uvloop

from redlab_collector.exchange import Limits
from redlab_collector.history import History
from redlab_collector.items import Load
from redlab_collector.operation import Result
from redlab_collector.schedule import schedule
from redlab_collector.sender import Sender
from redlab_collector.target import Target, takers

_HEAD_START_SECONDS = 0.02
"""The time between the computation of the schedule and its first operation."""


_LIMITS = Limits()


def arguments(argv: list[str]) -> argparse.Namespace:
    """Parse the command line; a wrong one ends the program with exit code 2 and a message."""
    parser = argparse.ArgumentParser(prog="load", description="Open-loop load; one JSON object a line on stdout.")
    parser.add_argument("--collector-id", required=True)
    parser.add_argument("--events-per-second", type=_not_negative, required=True)
    parser.add_argument("--users-per-second", type=_not_negative, required=True)
    parser.add_argument("--seconds", type=_not_negative, required=True)
    parser.add_argument("--batch-events", type=_positive_integer, default=1, help="events in one request")
    parser.add_argument("--connect-timeout-seconds", type=_not_negative, default=_LIMITS.connect_seconds)
    parser.add_argument("--timeout-seconds", type=_not_negative, default=_LIMITS.total_seconds)
    parser.add_argument("--first-seq", type=_positive_integer, default=1)
    parser.add_argument(
        "--until-input", action="store_true", help="stop at the first line or the end of standard input, too"
    )
    parser.add_argument("--only-events", action="store_true", help="no metrics, and no topology")
    return parser.parse_args(argv)


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return value


def _positive_integer(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not an integer from 1 up")
    return value


def _kinds(result: Result, items: Load, first_seq: int) -> str:
    """Return the kind of each item that an operation carried, one character each."""
    first = first_seq + result.operation.n * result.operation.events
    return "".join(items.kind(seq) for seq in range(first, first + result.operation.events))


async def run(options: argparse.Namespace, collectors: list[Target], users: Target) -> None:
    """Send the load until its end, SIGTERM, the reader's end or (if enabled) input; then write the remaining lines."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    history = await History.to(sys.stdout.fileno(), closed.set)
    items = Load(options.collector_id, "REDLAB_TWIN" in os.environ, options.only_events, alone=len(collectors) > 1)
    sender = Sender(
        collectors,
        users,
        items,
        options.first_seq,
        Limits(options.connect_timeout_seconds, options.timeout_seconds),
        lambda result: history.write(result.line(_kinds(result, items, options.first_seq))),
    )
    start = time.monotonic() + _HEAD_START_SECONDS
    operations = schedule(
        start, options.seconds, options.events_per_second, options.users_per_second, options.batch_events
    )
    sending = asyncio.create_task(sender.run(operations))
    reading = asyncio.create_task(closed.wait())
    loop.add_signal_handler(signal.SIGTERM, sending.cancel)
    if options.until_input:

        def stop() -> None:
            loop.remove_reader(sys.stdin.fileno())
            sending.cancel()

        loop.add_reader(sys.stdin.fileno(), stop)
    await asyncio.wait({sending, reading}, return_when=asyncio.FIRST_COMPLETED)
    sending.cancel()
    await asyncio.wait({sending})
    history.close()
    await reading
    if not sending.cancelled():
        sending.result()


def main() -> None:
    """Run the command."""
    options = arguments(sys.argv[1:])
    try:
        collectors = takers(os.environ)
        users = Target.of(os.environ["REDLAB_USER_URL"])
    except (KeyError, ValueError, OSError) as error:
        sys.exit(f"load: REDLAB_COLLECTOR_URL and REDLAB_USER_URL must be set and usable: {error}")
    uvloop.install()
    asyncio.run(run(options, collectors, users))
