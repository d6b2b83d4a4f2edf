"""The measured stacks: each is a separate lab, which is always removed at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bench import command
from redlab.control.lab import Laboratory, open_lab
from redlab.engine import connection
from redlab.errors import RedlabError
from redlab.stack import checkout
from redlab.stack.pulumi import Stack
from redundancy.naming import LABEL_PREFIX


class BenchStack:
    """The measured stack, operated with `redlab` and with Pulumi alone."""

    def __init__(self, topology: str) -> None:
        self._topology = topology
        self._name = f"bench-{topology}"
        self._stack = Stack(self._name)

    @property
    def label(self) -> str:
        """The label of every object of the lab."""
        return f"{LABEL_PREFIX}lab={self._name}"

    def refuse_existing(self) -> None:
        """Raise RedlabError if objects of that name exist already: they may belong to another user."""
        if self._stack.config() or connection.client().containers.list(all=True, filters={"label": self.label}):
            raise RedlabError(f"there is a lab {self._name} already; `redlab destroy {self._name}` removes it")

    def remove(self) -> None:
        """Remove the lab and all its leftovers."""
        _redlab("sweep", self._name)
        _redlab("destroy", self._name)

    def redlab_up(self) -> None:
        """Run `redlab up`."""
        _redlab("up", self._name, "--topology", self._topology)

    def override(self, values: Mapping[str, Any]) -> None:
        """Override single values of the topology; the next `up` applies them."""
        self._stack.set_overrides(values)

    def pulumi_up(self) -> None:
        """Run `pulumi up`."""
        self._stack.run("up", "--yes", "--skip-preview", "--stack", self._name)

    def pulumi_destroy(self) -> None:
        """Run `pulumi destroy`; the stack itself stays."""
        self._stack.run("destroy", "--yes", "--skip-preview", "--stack", self._name)

    def lab(self) -> Laboratory:
        """Return the running lab."""
        return open_lab(self._name)


@contextmanager
def bench_stack(topology: str) -> Iterator[BenchStack]:
    """Give the stack of a topology. Raises RedlabError if it exists already."""
    stack = BenchStack(topology)
    stack.refuse_existing()
    try:
        yield stack
    finally:
        stack.remove()


def _redlab(*arguments: str) -> None:
    program = [sys.executable, "-m", "redlab.cli", *arguments]
    command.run(f"redlab {arguments[0]}", program, checkout.ROOT, checkout.environment())
