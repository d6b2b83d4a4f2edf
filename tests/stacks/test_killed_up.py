"""An `up` that is killed is put right by the next command, and a lab beside is left alone."""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from bench.kill_up import killed_up, random_moment
from bench.leftovers import things

from redlab.control.lab import open_lab
from redlab.stack.pulumi import Stack
from redundancy.naming import LABEL_PREFIX
from tests.support import docker_engine
from tests.support.stacks.commands import redlab, reserved
from tests.support.stacks.states import answers, unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pulumi

KILLED, BESIDE = "test-killed", "test-beside"


@pytest.fixture
def killed_stack() -> Iterator[str]:
    """The name is reserved: whoever sweeps the leftovers of killed test runs would take what is just being made."""
    with reserved(KILLED) as free:
        assert free, f"another test run uses the stack {KILLED}: wait until it ends"
        redlab("destroy", KILLED)
        yield KILLED
        redlab("destroy", KILLED)


@pytest.fixture
def beside() -> Iterator[str]:
    """A volume of another lab, which nothing here may touch."""
    made = docker_engine.client().volumes.create(f"redlab-{BESIDE}-db1-data", labels={f"{LABEL_PREFIX}lab": BESIDE})
    yield str(made.name)
    made.remove()


def test_a_killed_up_is_put_right_by_the_next_one(killed_stack: str, beside: str) -> None:
    with ExitStack() as kills:
        for _ in range(2):
            kills.enter_context(killed_up(killed_stack, "ha", random_moment(random.SystemRandom())))
        redlab("up", killed_stack, "--topology", "ha")
    assert answers(open_lab(killed_stack))
    unchanged(open_lab(killed_stack))
    assert things(BESIDE) == [beside]


@pytest.mark.campaign
def test_of_a_killed_up_destroy_leaves_nothing(killed_stack: str, beside: str) -> None:
    with killed_up(killed_stack, "ha", random_moment(random.SystemRandom())):
        redlab("destroy", killed_stack)
    assert things(killed_stack) == []
    assert not Stack(killed_stack).exists()
    assert things(BESIDE) == [beside]
