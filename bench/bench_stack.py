"""The stack that is measured: a lab of its own, removed at the end whatever happened."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import command
from redlab import checkout, engine
from redlab.errors import RedlabError
from redlab.laboratory import Laboratory, open_lab
from redlab.pulumi import Stack
from redundancy.naming import LABEL_PREFIX

NAME = "bench-ha"
TOPOLOGY = "ha"
LABEL = f"{LABEL_PREFIX}lab={NAME}"


class BenchStack:
    """The measured stack, by way of `redlab` and by way of Pulumi alone."""

    def __init__(self) -> None:
        self._stack = Stack(NAME)

    def redlab_up(self) -> None:
        """Run `redlab up`."""
        _redlab("up", NAME, "--topology", TOPOLOGY)

    def pulumi_up(self) -> None:
        """Run `pulumi up`."""
        self._stack.run("up", "--yes", "--skip-preview", "--stack", NAME)

    def pulumi_destroy(self) -> None:
        """Run `pulumi destroy`; the stack itself stays."""
        self._stack.run("destroy", "--yes", "--skip-preview", "--stack", NAME)

    def lab(self) -> Laboratory:
        """Return the lab, which is up."""
        return open_lab(NAME)


@contextmanager
def bench_stack() -> Iterator[BenchStack]:
    """Give the stack. Raises RedlabError when something of that name exists already: it may be somebody's."""
    if Stack(NAME).config() or engine.client().containers.list(all=True, filters={"label": LABEL}):
        raise RedlabError(f"there is a lab {NAME} already; `redlab destroy {NAME}` removes it")
    try:
        yield BenchStack()
    finally:
        _redlab("sweep", NAME)
        _redlab("destroy", NAME)


def _redlab(*arguments: str) -> None:
    program = [sys.executable, "-m", "redlab.cli", *arguments]
    command.run(f"redlab {arguments[0]}", program, checkout.ROOT, checkout.environment())
