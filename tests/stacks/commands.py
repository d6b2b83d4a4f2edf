"""The commands that the tests run, the way a person runs them: as processes, from the root of the checkout."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redlab import checkout
from redlab.laboratory import Laboratory, open_lab
from redlab.measure.documents import validate

LIMIT_SECONDS = 600


def redlab(*arguments: str, succeeds: bool = True) -> subprocess.CompletedProcess[str]:
    """Run `./redlab`; with ``succeeds`` a failure is an AssertionError that shows what it said."""
    return _run(["./redlab", *arguments], succeeds)


@contextmanager
def standing(stack: str, topology: str = "ha") -> Iterator[Laboratory]:
    """Stand up a topology as a stack, and destroy it whatever happens; what a killed run left goes first."""
    redlab("destroy", stack)
    try:
        redlab("up", stack, "--topology", topology)
        yield open_lab(stack)
    finally:
        redlab("destroy", stack)


def passed_drill(stack: str, scenario: str, *options: str, lost_at_most: int = 0) -> dict[str, Any]:
    """Run a drill, as a CI job does, and return its result: passed, nothing lost, doubled or written by two.

    ``lost_at_most`` events may be lost: what an asynchronous replication may not have sent yet.
    """
    result: dict[str, Any] = json.loads(redlab("drill", stack, scenario, "--format", "json", *options).stdout)
    validate(result)
    measured = result["measured"]
    assert (result["verdict"], result["within_prediction"]) == ("passed", True), (measured, result["predicted"])
    assert measured["acknowledged_events"] > 100
    assert measured["lost_events"] <= lost_at_most
    assert (measured["duplicate_events"], measured["dual_primary_seconds"]) == (0, 0)
    assert measured["redundancy_restored_seconds"] is not None
    return result


def pulumi(*arguments: str, succeeds: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the Pulumi CLI of this checkout."""
    return _run(["pulumi", "--non-interactive", "--color", "never", *arguments], succeeds)


def _run(command: list[str], succeeds: bool) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=checkout.ROOT,
        env=checkout.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if succeeds:
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done
