"""The commands that the tests run, the way a person runs them: as processes, from the root of the checkout."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from redlab.control.lab import Laboratory, open_lab
from redlab.stack import checkout
from redundancy.naming import LABEL_PREFIX
from tests.support import docker_engine

LIMIT_SECONDS = 600
LAB_LABEL = f"{LABEL_PREFIX}lab"


def redlab(*arguments: str, succeeds: bool = True) -> subprocess.CompletedProcess[str]:
    """Run `./redlab`; with ``succeeds`` a failure is an AssertionError that shows what it said."""
    return _run(["./redlab", *arguments], succeeds)


@contextmanager
def standing(stack: str, topology: str = "ha") -> Iterator[Laboratory]:
    """Stand up a topology as a stack of this name, which starts with ``test-``; destroy it whatever happens.

    What killed test runs have left of any lab of the tests goes first: the engine starts it again with itself, and it
    takes names, and the time of the machine from what is measured. Fails when another test run uses the stack.
    """
    _sweep_leftovers()
    with reserved(stack) as free:
        assert free, f"another test run uses the stack {stack}: wait until it ends"
        redlab("destroy", stack)
        redlab("sweep", "--any-owner", stack)
        try:
            redlab("up", stack, "--topology", topology)
            yield open_lab(stack)
        finally:
            redlab("destroy", stack)


@cache
def _sweep_leftovers() -> None:
    labels = [thing.attrs.get("Labels") or {} for thing in docker_engine.client().networks.list()]
    for stack in sorted({name for each in labels if (name := each.get(LAB_LABEL, "")).startswith("test-")}):
        with reserved(stack) as free:
            if free:
                redlab("sweep", "--any-owner", stack)


@contextmanager
def reserved(stack: str) -> Iterator[bool]:
    """Reserve a stack's name on this machine, for all checkouts; gives whether it was free."""
    with (Path(tempfile.gettempdir()) / f"redundancy-lab-{stack}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


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
