"""Kill `redlab up` at random moments, and check that the next command repairs the lab.

    python -m bench.kill_up --times 20 --beside ha

Every other time the next command is `up`, which must succeed; otherwise it is `destroy`, which must leave nothing. The
stack named by ``--beside`` must be untouched all the while. Exit code 1 when any of that is not so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.leftovers import runs, things
from redlab.stack import checkout
from redlab.waiting import until

LIMIT_SECONDS = 300
# Containers, networks and volumes of the topology `ha`.
THINGS = 13
LATER_SECONDS = 2.0


@dataclass(frozen=True)
class Moment:
    """The moment of a kill: a time after a number of created objects, independent of the machine's speed."""

    things: int
    seconds_later: float


@dataclass(frozen=True)
class Outcome:
    """One killed `up`: the moment, whether it was killed, the leftovers, the next command, and the problems."""

    moment: Moment
    killed: bool
    things_left: int
    next_command: str
    problems: list[str]


def random_moment(source: random.Random) -> Moment:
    """Return a random moment, from before the first object to after the last."""
    return Moment(source.randint(0, THINGS), round(source.uniform(0, LATER_SECONDS), 2))


@contextmanager
def killed_up(stack: str, topology: str, moment: Moment) -> Iterator[bool]:
    """Start `redlab up` and kill its process group at a moment; return False if it had ended before.

    Afterwards what it left running ends, too: Pulumi's host of the program has a group of its own, and waits for ever.
    """
    command = ["./redlab", "up", stack, "--topology", topology]
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(
        command, cwd=checkout.ROOT, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    until(lambda: started.poll() is not None or len(things(stack)) >= moment.things, LIMIT_SECONDS, 0.05)
    try:
        started.wait(moment.seconds_later)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    try:
        yield started.returncode == -signal.SIGKILL
    finally:
        end_session(started.pid)


def end_session(leader: int) -> list[int]:
    """Kill the remaining processes of a session whose first process has ended; return their ids."""
    ended = []
    for entry in Path("/proc").glob("[0-9]*"):
        process = int(entry.name)
        with suppress(ProcessLookupError):
            if os.getsid(process) == leader:
                os.kill(process, signal.SIGKILL)
                ended.append(process)
    return ended


def command(*arguments: str) -> list[str]:
    """Run a redlab command; return the end of its output as a problem if it fails."""
    done = subprocess.run(
        ["./redlab", *arguments],
        cwd=checkout.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    said = (done.stdout + done.stderr).strip()[-2000:]
    return [] if done.returncode == 0 else [f"{' '.join(arguments)} ended with {done.returncode}: {said}"]


def once(stack: str, topology: str, moment: Moment, next_command: str, beside: str | None) -> Outcome:
    """Kill one `up`, run the next command, and remove the stack."""
    before = runs(beside) if beside else {}
    with killed_up(stack, topology, moment) as killed:
        left = len(things(stack))
        problems = command("up", stack, "--topology", topology) if next_command == "up" else []
        problems += command("destroy", stack)
    problems += [f"left: {thing}" for thing in things(stack)]
    if beside and runs(beside) != before:
        problems.append(f"stack {beside} was touched")
    return Outcome(moment, killed, left, next_command, problems)


def main() -> int:
    """Run the campaign; prints one JSON object a line, and the figures at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--stack", default="kill-up")
    parser.add_argument("--topology", default="ha")
    parser.add_argument("--beside", help="A running stack that no other program uses.")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    moments = random.Random(asked.seed)  # noqa: S311 - moments, not secrets
    outcomes = []
    for number in range(asked.times):
        outcome = once(asked.stack, asked.topology, random_moment(moments), ("up", "destroy")[number % 2], asked.beside)
        outcomes.append(outcome)
        print(json.dumps(asdict(outcome)), flush=True)
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    killed = sum(outcome.killed for outcome in outcomes)
    print(json.dumps({"times": len(outcomes), "killed": killed, "failed": failed}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
