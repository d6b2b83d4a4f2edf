"""The site failover procedure: order, what is left out, what stops it; with stand-ins for what it asks and does."""

import itertools
from dataclasses import dataclass, field

import pytest

from redlab import engine
from redlab.control import fencing, global_load_balancer
from redlab.control.lab import Laboratory
from redlab.control.management import Health, Management, Services
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.probes.node_state import NodeState
from redlab.recovery import procedure
from tests.support.unit.inventories import inventory_of


@dataclass
class FakeLab:
    """Two sites whose state the steps read and change; ``done`` is what was done, in order."""

    inventory: Inventory
    primary: str = "dc1-db1"
    leader: str | None = "dc1-db1"
    dead: set[str] = field(default_factory=set)
    standby: str = "dc2-db1"
    active: str = "dc1-dps1"
    clients: str = "dc1"
    unwell: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)

    def health(self) -> Health:
        return Health((), Services(self.active, self.active, "active", 1, 1.0), automatic_failover=False)

    reachable_health = health

    def reassign(self, to: str) -> int:
        self.done.append(f"services to {to}")
        self.active = to
        return 1

    def release(self, _: Inventory, proof: fencing.Proof) -> bool:
        self.done.append(f"lock of {proof.node} released")
        self.primary = self.leader = "dc2-db1"
        return True

    def switch_over(self, former: Node, candidate: Node) -> None:
        self.done.append(f"database from {former.name} to {candidate.name}")
        self.primary = self.leader = candidate.name

    def set_site(self, _: Inventory, site: str) -> None:
        self.done.append(f"clients to {site}")
        self.clients = site

    def states(self, _: Inventory) -> list[NodeState]:
        return [
            NodeState(n.name, n.role, n.site, "stopped" if n.name in self.unwell else "healthy", "", 0, "")
            for n in self.inventory.nodes
        ]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeLab:
    lab = FakeLab(inventory_of("distributed-ha"))
    monkeypatch.setattr(database, "primary", lambda inv: None if lab.primary in lab.dead else inv.node(lab.primary))
    monkeypatch.setattr(database, "accepts_writes", lambda node: node.name == lab.primary and node.name not in lab.dead)
    monkeypatch.setattr(database, "leader", lambda _: lab.leader)
    monkeypatch.setattr(database, "synchronous_standby", lambda inv: inv.node(lab.standby) if lab.standby else None)
    monkeypatch.setattr(
        fencing, "prove_dead", lambda node: fencing.Proof(node.name, "dead") if node.name in lab.dead else None
    )
    monkeypatch.setattr(fencing, "release_lock", lab.release)
    monkeypatch.setattr(procedure, "switch_over", lab.switch_over)
    monkeypatch.setattr(procedure, "node_states", lab.states)
    monkeypatch.setattr(global_load_balancer, "active_site", lambda _: lab.clients)
    monkeypatch.setattr(global_load_balancer, "set_active_site", lab.set_site)
    return lab


def go(fake: FakeLab, site: str) -> list[procedure.Done]:
    return procedure.perform(procedure.steps(Laboratory(fake.inventory, fake), site))  # type: ignore[arg-type]


def test_a_planned_move_switches_the_database_over(fake: FakeLab) -> None:
    done = go(fake, "dc2")
    assert fake.done == ["clients to dc2", "database from dc1-db1 to dc2-db1", "services to dc2-dps1"]
    assert [step.name for step in done if step.skipped] == ["site"]


def test_a_candidate_that_is_still_catching_up_is_waited_for(fake: FakeLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patroni refuses it with 412, "candidate name does not match with sync_standby"."""
    seen = iter([None, None, fake.inventory.node("dc2-db1")])
    asked: list[Node | None] = []

    def standby(_: Inventory) -> Node | None:
        asked.append(next(seen))
        return asked[-1]

    monkeypatch.setattr(database, "synchronous_standby", standby)
    go(fake, "dc2")
    assert [node.name if node else None for node in asked] == [None, None, "dc2-db1"]
    assert fake.done == ["clients to dc2", "database from dc1-db1 to dc2-db1", "services to dc2-dps1"]


def test_a_dead_primary_is_fenced(fake: FakeLab) -> None:
    fake.dead.add("dc1-db1")
    go(fake, "dc2")
    assert fake.done == ["clients to dc2", "lock of dc1-db1 released", "services to dc2-dps1"]


def test_a_primary_that_runs_but_does_not_answer_is_waited_for(fake: FakeLab, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([None, fake.inventory.node("dc2-db1")])
    monkeypatch.setattr(database, "accepts_writes", lambda _: False)
    monkeypatch.setattr(database, "primary", lambda _: next(answers))
    go(fake, "dc2")
    assert fake.done == ["clients to dc2", "services to dc2-dps1"]


def refuse(*_: Node) -> None:
    raise RedlabError("412: no good candidates")


def test_a_primary_that_is_cut_off_unawares_is_waited_for(fake: FakeLab, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([None, fake.inventory.node("dc2-db1")])
    monkeypatch.setattr(procedure, "switch_over", refuse)
    monkeypatch.setattr(database, "primary", lambda _: next(answers))
    go(fake, "dc2")
    assert fake.done == ["clients to dc2", "services to dc2-dps1"]


def test_a_refused_switchover_is_named_when_nothing_came_of_waiting(
    fake: FakeLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procedure, "switch_over", refuse)
    monkeypatch.setattr(procedure, "DATABASE_SECONDS", 0.1)
    with pytest.raises(RedlabError, match=r"dc2-db1 did not become primary .* leader: dc1-db1; 412: no good"):
        go(fake, "dc2")
    assert fake.done == ["clients to dc2"]


def test_what_is_there_already_is_left_out(fake: FakeLab) -> None:
    done = go(fake, "dc1")
    assert fake.done == []
    assert all(step.skipped for step in done)


def test_a_site_that_is_not_well_takes_nothing_over(fake: FakeLab) -> None:
    fake.unwell.add("dc2-dps1")
    with pytest.raises(
        RedlabError, match=r"dc2 cannot take over: no dataProcessingServer is well \(dc2-dps1 stopped\)"
    ):
        go(fake, "dc2")
    assert fake.done == []


def test_a_pause_may_stop_it_before_a_step(fake: FakeLab) -> None:
    def stop_at_services(step: procedure.Step) -> None:
        if step.name == "services":
            raise KeyboardInterrupt

    steps = procedure.steps(Laboratory(fake.inventory, fake), "dc2")  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        procedure.perform(steps, stop_at_services)
    assert fake.done == ["clients to dc2", "database from dc1-db1 to dc2-db1"]


def test_an_unknown_site_is_named_with_those_there_are(fake: FakeLab) -> None:
    with pytest.raises(RedlabError, match="no site 'witness'; there are: dc1, dc2"):
        go(fake, "witness")


def test_one_site_has_no_procedure() -> None:
    with pytest.raises(RedlabError, match="lab ha has one site"):
        procedure.steps(Laboratory(inventory_of("ha"), Management((), "")), "dc1")


def switched_over(monkeypatch: pytest.MonkeyPatch, refusal: str, promoted_after: int) -> list[list[str]]:
    """Switch a database over that answers so; returns what was asked of Patroni."""
    asked: list[list[str]] = []
    polls = itertools.count()

    def execute(_: Node, command: list[str]) -> str:
        asked.append(command)
        if refusal:
            raise RedlabError(refusal)
        return ""

    monkeypatch.setattr(engine, "execute", execute)
    monkeypatch.setattr(database, "accepts_writes", lambda _: next(polls) >= promoted_after)
    lab = inventory_of("distributed-ha")
    procedure.switch_over(lab.node("dc1-db1"), lab.node("dc2-db1"))
    return asked


def test_the_database_is_switched_over_by_patroni(monkeypatch: pytest.MonkeyPatch) -> None:
    order = '{"leader": "dc1-db1", "candidate": "dc2-db1"}'
    assert switched_over(monkeypatch, "", 3) == [["patroni-request", "POST", "/switchover", order]]


def test_a_refused_switchover_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RedlabError, match="412: no good candidates"):
        switched_over(monkeypatch, "412: no good candidates", 10**6)
