"""A member of a database cluster that follows nobody is started; where that does not help it is copied anew."""

from __future__ import annotations

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import database
from redlab.recovery import cluster_members, procedure
from tests.support.fake_engine import FakeEngine, of_node
from tests.support.unit.inventories import inventory_of


class Cluster:
    """dc1-db1 is primary; dc2-db1 is as a test has it."""

    def __init__(self, patch: pytest.MonkeyPatch, *, running: bool, follows: bool, helps: str) -> None:
        self.running, self.follows, self._helps = running, follows, helps
        self.done: list[str] = []
        patch.setattr(engine, "execute", self.execute)
        node = inventory_of("distributed-ha").node("dc2-db1")
        self.fake = FakeEngine([of_node(inventory_of("distributed-ha"), node)]).used(patch)
        self.fake.change(node.container, status="running" if running else "exited", running=running)
        patch.setattr(self.fake, "start", self._start)
        patch.setattr(database, "leader", lambda _: "dc1-db1")
        patch.setattr(cluster_members, "READY_SECONDS", 0.01)
        patch.setattr(cluster_members, "STUCK_SECONDS", 0.01)

    def execute(self, node: Node, command: list[str], *_: object) -> str:
        assert node.name == "dc2-db1"
        if command == ["healthcheck"] and not (self.running and self.follows):
            raise RedlabError("neither primary nor a streaming standby")
        if command[0] == "patroni-request":
            self._act(command[2])
        return ""

    def _start(self, _: str) -> None:
        self.running = True
        self._act("start")

    def _act(self, what: str) -> None:
        self.done.append(what)
        self.follows = self.follows or what == self._helps


@pytest.mark.parametrize(
    ("running", "follows", "helps", "done"),
    [
        (True, True, "", []),
        (False, False, "start", ["start"]),
        (False, False, "/reinitialize", ["start", "/reinitialize"]),
        (True, False, "/reinitialize", ["/reinitialize"]),
    ],
)
def test_what_helps_is_done_and_no_more(
    monkeypatch: pytest.MonkeyPatch, running: bool, follows: bool, helps: str, done: list[str]
) -> None:
    cluster = Cluster(monkeypatch, running=running, follows=follows, helps=helps)
    (step,) = procedure.perform(cluster_members.reprotections(inventory_of("distributed-ha")))
    assert (cluster.done, bool(step.skipped)) == (done, not done)


def test_a_member_that_nothing_helps_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    Cluster(monkeypatch, running=True, follows=False, helps="")
    with pytest.raises(RedlabError, match=r"dc2-db1 did not become the standby of dc1-db1, .* `docker logs"):
        procedure.perform(cluster_members.reprotections(inventory_of("distributed-ha")))


def test_without_a_primary_nobody_can_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "leader", lambda _: None)
    with pytest.raises(RedlabError, match="has no primary database"):
        cluster_members.reprotections(inventory_of("distributed-ha"))
