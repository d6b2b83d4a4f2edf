"""A node that does not get ready with its new image is noticed while `pulumi up` still waits for it."""

from __future__ import annotations

import pytest

from redlab.engine.model import Health, State
from redlab.upgrade.broken import UpgradeError, Watch
from tests.support.fake_engine import FakeEngine, running
from tests.support.unit.inventories import inventory_of

HA = inventory_of("ha")


class Node:
    """The container of gw1 as the engine shows it, and the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.fake = FakeEngine().used(monkeypatch)
        self.watch = Watch([HA.node("gw1")], {"gateway": "new"}, 10, lambda: self.seconds)

    def is_now(self, health: str, image: str = "new", *, restarts: int = 0, said: str = "") -> None:
        seen = Health(health, 1, f"{said}\n") if said else Health(health)
        state = State("running", running=True, health=seen)
        name = HA.node("gw1").container
        self.fake.there[name] = running(name, image=image, state=state, restarts=restarts)


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def test_one_that_gets_healthy_in_time_is_no_matter_any_more(node: Node) -> None:
    node.is_now("healthy", "old")
    node.watch.look()
    node.fake.there.clear()
    node.watch.look()
    node.is_now("starting")
    for node.seconds in (100, 109):
        node.watch.look()
    node.is_now("healthy")
    node.watch.look()
    node.is_now("unhealthy")
    node.seconds = 1000
    node.watch.look()


def test_one_that_never_gets_healthy_is_named_with_what_its_check_said(node: Node) -> None:
    node.is_now("starting", said="no listener on 8082")
    node.watch.look()
    node.seconds = 10.5
    with pytest.raises(UpgradeError, match=r"gw1: not ready after 10 s \(its health check ended with 1: no listener"):
        node.watch.look()


def test_one_that_ends_again_and_again_is_not_waited_for(node: Node) -> None:
    node.is_now("starting", restarts=3)
    with pytest.raises(UpgradeError, match="gw1: it ended 3 times"):
        node.watch.look()
