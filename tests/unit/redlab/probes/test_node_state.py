"""The state of a node: the engine's, and where that is old the health check's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from redlab import engine
from redlab.engine.model import Health, State
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes.node_state import all_ready, node_states
from tests.support.fake_engine import running

NODE = Node("gw1", "gateway", "dc1", "redlab-x-gw1", {})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run in the node; one that names `bad` fails."""
    commands: list[list[str]] = []

    def execute(_: Node, command: list[str]) -> str:
        commands.append(command)
        if "bad" in command[-1]:
            raise RedlabError("ended with 1")
        return ""

    monkeypatch.setattr(engine, "execute", execute)
    return commands


def of(monkeypatch: pytest.MonkeyPatch, health: str, test: list[str]) -> Inventory:
    state = State("running", running=True, health=Health(health))
    found = running(NODE.container, state=state, health_check=tuple(test))
    monkeypatch.setattr(engine, "containers", lambda _: {"gw1": found})
    return cast("Any", SimpleNamespace(nodes=(NODE,)))


@pytest.mark.parametrize(
    ("health", "test", "state", "commands"),
    [
        ("starting", ["CMD", "healthcheck"], "healthy", [["healthcheck"]]),
        ("starting", ["CMD-SHELL", "a | b"], "healthy", [["/bin/sh", "-c", "a | b"]]),
        ("starting", ["CMD", "bad"], "starting", [["bad"]]),
        ("unhealthy", ["CMD", "healthcheck"], "healthy", [["healthcheck"]]),
        ("unhealthy", ["CMD", "bad"], "unhealthy", [["bad"]]),
        ("healthy", ["CMD", "bad"], "healthy", []),
    ],
)
def test_only_a_node_that_may_be_well_by_now_is_asked(
    monkeypatch: pytest.MonkeyPatch,
    asked: list[list[str]],
    health: str,
    test: list[str],
    state: str,
    commands: list[list[str]],
) -> None:
    lab = of(monkeypatch, health, test)
    assert [found.state for found in node_states(lab)] == [state]
    assert asked == commands
    assert all_ready(lab) is (state == "healthy")
