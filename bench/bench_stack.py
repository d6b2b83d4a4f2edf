"""The stacks that are measured: each a lab of its own, removed at the end whatever happened."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bench import command
from redlab import engine
from redlab.control.lab import Laboratory, open_lab
from redlab.errors import RedlabError
from redlab.stack import checkout
from redlab.stack.pulumi import Stack
from redundancy.naming import LABEL_PREFIX


class BenchStack:
    """The measured stack, by way of `redlab` and by way of Pulumi alone."""

    def __init__(self, topology: str) -> None:
        self._topology = topology
        self._name = f"bench-{topology}"
        self._stack = Stack(self._name)

    @property
    def label(self) -> str:
        """What everything of the lab is labelled with."""
        return f"{LABEL_PREFIX}lab={self._name}"

    def refuse_existing(self) -> None:
        """Raise RedlabError when something of that name exists already: it may be somebody's."""
        if self._stack.config() or engine.client().containers.list(all=True, filters={"label": self.label}):
            raise RedlabError(f"there is a lab {self._name} already; `redlab destroy {self._name}` removes it")

    def remove(self) -> None:
        """Remove the lab and everything that is left of it."""
        _redlab("sweep", self._name)
        _redlab("destroy", self._name)

    def redlab_up(self) -> None:
        """Run `redlab up`."""
        _redlab("up", self._name, "--topology", self._topology)

    def override(self, values: Mapping[str, Any]) -> None:
        """Lay single values over the topology; the next `up` makes them so."""
        self._stack.set_overrides(values)

    def pulumi_up(self) -> None:
        """Run `pulumi up`."""
        self._stack.run("up", "--yes", "--skip-preview", "--stack", self._name)

    def pulumi_destroy(self) -> None:
        """Run `pulumi destroy`; the stack itself stays."""
        self._stack.run("destroy", "--yes", "--skip-preview", "--stack", self._name)

    def lab(self) -> Laboratory:
        """Return the lab, which is up."""
        return open_lab(self._name)


@contextmanager
def bench_stack(topology: str) -> Iterator[BenchStack]:
    """Give the stack of a topology. Raises RedlabError when it exists already."""
    stack = BenchStack(topology)
    stack.refuse_existing()
    try:
        yield stack
    finally:
        stack.remove()


def _redlab(*arguments: str) -> None:
    program = [sys.executable, "-m", "redlab.cli", *arguments]
    command.run(f"redlab {arguments[0]}", program, checkout.ROOT, checkout.environment())
