"""`python -m tests.engines RELEASE`: get that engine, start it, run every step on it, write and print the table.

Exit code 0: every step passed; 1: one failed; 2: the engine cannot be had here, with the reason.
`python -m tests.engines --table` prints one table of the last run on each engine, and runs nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from redlab.stack import checkout
from tests.engines import plan
from tests.engines.table import Outcome, Run, markdown
from toolchain.context import Context
from toolchain.engines import beside
from toolchain.engines.releases import RELEASES
from toolchain.errors import SetupError
from toolchain.layout import Layout
from toolchain.machine import Machine
from toolchain.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS = checkout.LAB / "artefacts" / "engines"
STEP_LIMIT_SECONDS = 900
_SAID_CHARACTERS = 2000


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser("python -m tests.engines", description=__doc__)
    parser.add_argument("release", nargs="?", choices=RELEASES, help="the engine")
    stacks = [plan.PROVIDER, *plan.STACKS]
    parser.add_argument("--stack", action="append", choices=stacks, help="only this one; may be repeated")
    parser.add_argument("--table", action="store_true", help="print the table of the last run on each engine")
    asked = parser.parse_args(arguments)
    if asked.table:
        sys.stdout.write(markdown(_last_runs()))
        return 0
    if asked.release is None:
        parser.error(f"which engine? one of: {', '.join(RELEASES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))  # the engine is ended then, too
    layout = Layout.of_this_checkout()
    context = Context(Machine.this(), layout, Progress(sys.stderr, layout.log))
    try:
        with beside.running(context, RELEASES[asked.release]) as engine:
            run = _run(engine, asked.stack or stacks, context.progress)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    earlier = {each.release: each for each in _last_runs()}.get(run.release)
    run = run.after(earlier) if earlier and earlier.version == run.version else run
    (RESULTS / f"{run.release}.json").write_text(json.dumps(run.document(), indent=2) + "\n")
    (RESULTS / f"{run.release}.md").write_text(markdown([run]))
    sys.stdout.write(markdown([run]))
    return 0 if run.passed else 1


def _run(engine: beside.Engine, stacks: Sequence[str], progress: Progress) -> Run:
    outcomes: list[Outcome] = []
    for stack in stacks:
        is_there = True
        for step in plan.steps(engine.release.name, stack):
            # Nothing can be learned on a lab that did not come up; it is removed all the same.
            if not is_there and step.name not in plan.CLEAN_UP:
                continue
            outcome = _outcome(engine, step)
            is_there = is_there and (outcome.passed or step.name != "up")
            outcomes.append(outcome)
            said = "passed" if outcome.passed else "FAILED"
            progress.say(
                f"engine {engine.release.name}",
                f"{stack}: {step.name}: {said}, {outcome.seconds:.0f} s {outcome.detail}",
            )
    return Run(engine.release.name, engine.version, tuple(outcomes))


def _outcome(engine: beside.Engine, step: plan.Step) -> Outcome:
    begun = time.monotonic()
    environ = {**os.environ, **checkout.environment(), **engine.variables}
    log = checkout.LAB / "log" / f"engine-{engine.release.name}.log"
    try:
        done = subprocess.run(
            [*engine.enter, *step.command],
            cwd=checkout.ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=STEP_LIMIT_SECONDS,
            check=False,
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as error:
        code, out, err = 124, _text(error.stdout), f"{_text(error.stderr)}\nno end after {STEP_LIMIT_SECONDS} s"
    seconds = time.monotonic() - begun
    made = (step.stack, step.name, code == 0, seconds, f"{datetime.now(UTC):%Y-%m-%d}", _commit())
    with log.open("a") as file:
        file.write(f"$ {' '.join(step.command)}\n{out}\n{err}\nended with {code} after {seconds:.1f} s\n\n")
    if code == 0:
        return Outcome(*made, _figures(out) if step.drill else "")
    said = (_reasons(out) if step.drill else "") or (err or out).strip()
    return Outcome(*made, said[-_SAID_CHARACTERS:])


@cache
def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=checkout.ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _figures(out: str) -> str:
    measured = json.loads(out)["measured"]
    recovery = measured["rto_seconds"]
    ended = "never" if recovery is None else f"{recovery:.2f} s"
    return f"RTO {ended}, lost {measured['lost_events']} of {measured['acknowledged_events']}"


def _reasons(out: str) -> str:
    try:
        return "; ".join(json.loads(out)["reasons"])
    except (ValueError, KeyError):
        return ""


def _text(said: bytes | str | None) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said or ""


def _last_runs() -> list[Run]:
    files = (RESULTS / f"{release}.json" for release in RELEASES)
    return [Run.of_document(json.loads(Path(file).read_text())) for file in files if file.is_file()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
