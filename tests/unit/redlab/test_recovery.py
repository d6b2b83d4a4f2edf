"""The recovery procedure of two instances: its order, its refusals, and that no interruption leaves two primaries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from test_procedure import described

from redlab import database_role, engine, fencing, global_load_balancer, procedure, recovery, settings
from redlab.errors import RedlabError
from redlab.inventory import Inventory, Node
from redlab.laboratory import Laboratory
from redlab.management import Health, Management, Services
from redlab.probes import database, replication
from redlab.probes.node_state import NodeState
from redlab.probes.replication import DatabaseRole

SERVERS = ("dc1-db1", "dc2-db1")


class KilledError(BaseException):
    """The operator's command ends here, without a chance to clean up."""


@dataclass
class Server:
    """A database server as the image makes it: what is on its volume, and what runs."""

    name: str
    follow: str = ""
    standby: bool = False  # the cluster on the volume is one of a standby
    frozen: bool = False
    running: bool = True
    complete: bool = True  # a standby with subscriptions: it has copied everything

    @property
    def serves(self) -> bool:
        return self.running and not self.standby and not self.frozen


@dataclass
class World:
    """Both servers; every effect on them is one call, before or after which the command may be killed."""

    servers: dict[str, Server] = field(default_factory=lambda: {name: Server(name) for name in SERVERS})
    clients: str = "dc1"
    active: str = "dc1-dps1"
    parameters: str = "dc1"  # whose they are, in the replicated database
    logical: bool = False
    killed_at: int | None = None
    effects: int = 0
    done: list[str] = field(default_factory=list)

    def effect(self, what: str) -> Iterator[None]:
        self._perhaps_die()
        yield
        self.done.append(what)
        self._perhaps_die()

    def _perhaps_die(self) -> None:
        self.effects += 1
        if self.killed_at is not None and self.effects > self.killed_at:
            raise KilledError

    def start(self, server: Server) -> None:
        """As `start-database` does: a marked server becomes a standby, once there is a primary it can follow.

        With subscriptions it is one at once, and copies everything anew once there is a primary.
        """
        if server.running:
            return
        if server.follow and self.logical:
            server.complete = server.standby and server.complete
            server.standby, server.frozen = True, False
        elif server.follow:
            upstream = self.servers[server.follow]
            if not server.standby and not (upstream.running and not upstream.standby):
                return  # it waits, and serves nobody
            server.standby, server.frozen = True, False
        server.running = True

    def copy(self) -> None:
        """As `subscriptions keep` does: what follows a primary gets everything it has."""
        for server in self.servers.values():
            if server.running and server.standby and self.servers[server.follow].serves:
                server.complete = True

    def role(self, node: Node) -> DatabaseRole | None:
        server = self.servers[node.name]
        if not server.running:
            return None
        followers = [s.name for s in self.servers.values() if s.running and s.standby and s.follow == server.name]
        timeline = 1 if server.complete else 0
        return DatabaseRole(server.standby, server.frozen, timeline, 100, 100, tuple(followers), None, server.complete)

    def execute(self, node: Node, command: list[str], _: object = None) -> str:
        server, action = self.servers[node.name], command[1]
        if not server.running:
            raise RedlabError(f"{node.name} is not running")
        if command[0] == "psql":
            return json.dumps(parameters(self.parameters))
        if command[0] == "replace-parameters":
            for _ in self.effect(f"clean up {node.name}"):
                assert json.loads(action) == parameters(node.site)
                self.parameters = node.site
            return ""
        for _ in self.effect(f"{action} {node.name}"):
            match action:
                case "freeze":
                    server.frozen = True
                case "thaw":
                    server.frozen = False
                case "promote":
                    if not server.complete:
                        raise RedlabError("the first copy is not complete")
                    server.follow, server.standby, server.frozen = "", False, False
        return "100"

    def write(self, node: Node, _: str, content: bytes) -> None:
        for _effect in self.effect(f"mark {node.name}"):
            self.servers[node.name].follow = content.decode()

    def container(self, node: Node) -> Any:
        server = self.servers.get(node.name, Server(node.name))  # the other nodes always run

        def stop(what: str) -> None:
            for _ in self.effect(f"{what} {node.name}"):
                server.running = False

        def start() -> None:
            for _ in self.effect(f"start {node.name}"):
                self.start(server)

        return SimpleNamespace(
            status="running" if server.running else "exited",
            kill=lambda signal: stop(f"kill ({signal})"),
            stop=lambda timeout: stop(f"stop within {timeout} s:"),
            start=start,
        )

    def reassign(self, _: Management, to: str) -> int:
        for _effect in self.effect(f"services to {to}"):
            self.active = to
        return 1

    def set_site(self, _: Any, site: str) -> None:
        for _effect in self.effect(f"clients to {site}"):
            self.clients = site


@cache
def lab_of_two_instances() -> Inventory:
    return described("dr")


def parameters(site: str) -> dict[str, str]:
    return dict(settings.of_site(lab_of_two_instances(), site))


@contextmanager
def replaced(world: World) -> Iterator[Laboratory]:
    """A lab whose servers are those of the world."""
    inventory = lab_of_two_instances()
    lab = Laboratory(inventory, Management((), "token"))

    def health(_: Management) -> Health:
        return Health((), Services(world.active, world.active, "active", 1, 1.0), automatic_failover=False)

    states = [NodeState(n.name, n.role, n.site, "healthy", "", 0, "") for n in inventory.nodes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(inventory), "management_urls", lambda *_: ())
        patch.setattr(Management, "reachable_health", health)
        patch.setattr(Management, "reassign", lambda management, to: world.reassign(management, to))
        patch.setattr(procedure, "node_states", lambda _: states)
        patch.setattr(replication, "role", world.role)
        patch.setattr(replication, "follows", lambda node: world.servers[node.name].follow)
        patch.setattr(engine, "execute", world.execute)
        patch.setattr(engine, "read", world.execute)
        patch.setattr(engine, "write_file", world.write)
        patch.setattr(engine, "container", world.container)
        patch.setattr(database, "accepts_writes", lambda node: world.servers[node.name].serves)
        patch.setattr(
            fencing,
            "prove_dead",
            lambda node: None if world.servers[node.name].running else fencing.Proof(node.name, "dead"),
        )
        patch.setattr(global_load_balancer, "active_site", lambda _: world.clients)
        patch.setattr(global_load_balancer, "set_active_site", world.set_site)
        patch.setattr(
            global_load_balancer,
            "routing",
            lambda _: SimpleNamespace(up={site: world.servers[f"{site}-db1"].serves for site in ("dc1", "dc2")}),
        )
        for module, names in (
            (database_role, ("CATCH_UP_SECONDS", "PROMOTION_SECONDS", "REJOIN_SECONDS")),
            (recovery, ("READY_SECONDS",)),
        ):
            for name in names:
                patch.setattr(module, name, 0.01)
        yield lab


def replicated(*, logical: bool = False) -> World:
    world = World(logical=logical)
    world.servers["dc2-db1"].standby, world.servers["dc2-db1"].follow = True, "dc1-db1"
    return world


def go(world: World, site: str, *, planned: bool) -> list[procedure.Done]:
    with replaced(world) as lab:
        return procedure.perform(recovery.steps(lab, site, planned=planned))


def test_a_failover_fences_first_and_sends_the_clients_last() -> None:
    world = replicated()
    go(world, "dc2", planned=False)
    assert world.done == [
        "mark dc1-db1", "kill (SIGKILL) dc1-db1", "promote dc2-db1", "clean up dc2-db1", "services to dc2-dps1",
        "clients to dc2",
    ]  # fmt: skip


def test_a_switchover_freezes_and_makes_the_former_production_a_standby() -> None:
    world = replicated()
    go(world, "dc2", planned=True)
    assert world.done == [
        "freeze dc1-db1", "mark dc1-db1", "stop within 30 s: dc1-db1", "promote dc2-db1", "clean up dc2-db1",
        "services to dc2-dps1", "clients to dc2", "start dc1-db1", "protect dc2-db1",
    ]  # fmt: skip
    assert world.servers["dc1-db1"].standby


def test_there_and_back_again() -> None:
    world = replicated()
    go(world, "dc2", planned=True)
    go(world, "dc1", planned=True)
    assert world.servers["dc1-db1"].serves
    assert world.servers["dc2-db1"].standby
    assert all(step.skipped for step in go(world, "dc1", planned=True))


def test_a_standby_that_does_not_catch_up_ends_a_switchover_without_a_change() -> None:
    world = replicated()
    with replaced(world) as lab, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            replication,
            "role",
            lambda node: DatabaseRole(node.name == "dc2-db1", False, 1, 100, 99, ("dc2-db1",), None),
        )
        with pytest.raises(RedlabError, match=r"dc2-db1 did not catch up .* writes are taken again"):
            procedure.perform(recovery.steps(lab, "dc2", planned=True))
    assert world.done == ["freeze dc1-db1", "thaw dc1-db1"]
    assert world.servers["dc1-db1"].serves


def test_a_failover_that_was_killed_before_the_promotion_is_finished() -> None:
    world = replicated()
    world.killed_at = 4  # after the mark and the kill
    with pytest.raises(KilledError):
        go(world, "dc2", planned=False)
    assert world.done == ["mark dc1-db1", "kill (SIGKILL) dc1-db1"]
    world.killed_at = None
    with replaced(world) as lab:
        assert recovery.resume(lab) == ["the interrupted failover to dc2 was finished"]
        assert recovery.resume(lab) == []
    assert (world.clients, world.servers["dc2-db1"].serves) == ("dc2", True)


def test_a_switchover_that_was_killed_before_the_fence_is_taken_back() -> None:
    world = replicated()
    world.killed_at = 2
    with pytest.raises(KilledError):
        go(world, "dc2", planned=True)
    assert world.done == ["freeze dc1-db1"]
    world.killed_at = None
    with replaced(world) as lab:
        assert len(recovery.resume(lab)) == 1
    assert world.servers["dc1-db1"].serves


def test_a_switchover_is_refused_while_nothing_is_replicated() -> None:
    world = replicated()
    world.servers["dc2-db1"].follow = ""
    with pytest.raises(RedlabError, match="does not follow dc1-db1, so a planned move would lose data"):
        go(world, "dc2", planned=True)
    assert world.done == []


def test_nothing_is_promoted_beside_a_primary_that_could_not_be_fenced() -> None:
    world = replicated()
    with replaced(world) as lab, pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "write_file", lambda *_: None)
        with pytest.raises(RedlabError, match=r"dc1-db1 could not be fenced: .* `--force` promotes all"):
            procedure.perform(recovery.steps(lab, "dc2", planned=False))
        assert "promote dc2-db1" not in world.done
        procedure.perform(recovery.steps(lab, "dc2", planned=False, force=True))
    assert world.servers["dc2-db1"].serves
    assert world.clients == "dc2"


def test_a_former_production_that_was_not_fenced_is_not_made_a_standby() -> None:
    world = replicated()
    with replaced(world) as lab, pytest.raises(RedlabError, match="dc1-db1 is not fenced"):
        procedure.perform([recovery.reprotection(lab.inventory, "dc2")])


def test_the_services_do_not_move_to_an_instance_that_was_not_cleaned_up() -> None:
    world = replicated()
    with replaced(world) as lab:
        steps = [step for step in recovery.steps(lab, "dc2", planned=False) if step.name != "clean-up"]
        with pytest.raises(RedlabError, match=r"clean up first: .*instance\.database_host is dc1-db1"):
            procedure.perform(steps)
    assert world.clients == "dc1"


def test_a_copy_that_is_not_complete_is_not_promoted() -> None:
    world = replicated(logical=True)
    world.servers["dc2-db1"].complete = False
    with pytest.raises(RedlabError, match="dc2-db1 has not copied everything from dc1-db1 yet"):
        go(world, "dc2", planned=False)
    assert world.done == []


def test_of_two_servers_that_stand_by_the_one_that_has_everything_is_promoted() -> None:
    world = replicated(logical=True)
    world.killed_at = 4  # after the mark and the kill
    with pytest.raises(KilledError):
        go(world, "dc2", planned=False)
    world.killed_at = None
    world.start(world.servers["dc1-db1"])  # a standby at once, of nobody who could be copied
    with replaced(world) as lab:
        assert recovery.resume(lab) == ["the interrupted failover to dc2 was finished"]
    assert world.servers["dc2-db1"].serves


class Interruptions(RuleBasedStateMachine):
    """Procedures to both sides, killed anywhere, mixed with crashes and restarts of the servers."""

    logical = False

    @initialize()
    def begin(self) -> None:
        self.world = replicated(logical=self.logical)

    @rule()
    def copy(self) -> None:
        self.world.copy()

    @rule(site=st.sampled_from(("dc1", "dc2")), planned=st.booleans(), killed_at=st.none() | st.integers(0, 14))
    def procedure(self, site: str, planned: bool, killed_at: int | None) -> None:
        self.world.effects, self.world.killed_at = 0, killed_at
        try:
            go(self.world, site, planned=planned)
        except (KilledError, RedlabError):
            return
        assert self.world.servers[f"{site}-db1"].serves

    @rule(name=st.sampled_from(SERVERS))
    def crash(self, name: str) -> None:
        self.world.servers[name].running = False

    @rule(name=st.sampled_from(SERVERS))
    def restart(self, name: str) -> None:
        self.world.start(self.world.servers[name])

    @rule()
    def heal(self) -> None:
        """Whatever happened: afterwards one serves, and the other follows it."""
        self.world.effects, self.world.killed_at = 0, None
        with replaced(self.world) as lab:
            recovery.resume(lab)
            for _ in range(2):  # the primary first, whichever it is
                for server in self.world.servers.values():
                    self.world.start(server)
            recovery.resume(lab)
            self.world.copy()
        assert [server.serves for server in self.world.servers.values()].count(True) == 1
        assert all(server.running for server in self.world.servers.values())

    @invariant()
    def one_primary_at_most(self) -> None:
        serving = [server for server in getattr(self, "world", World({})).servers.values() if server.serves]
        assert len(serving) <= 1


class InterruptionsOfSubscribers(Interruptions):
    """The same of servers that subscribe to each other's databases."""

    logical = True


TestInterruptions = Interruptions.TestCase
TestInterruptionsOfSubscribers = InterruptionsOfSubscribers.TestCase
TestInterruptions.settings = hypothesis_settings(max_examples=100, stateful_step_count=15, deadline=None)
TestInterruptionsOfSubscribers.settings = hypothesis_settings(TestInterruptions.settings, max_examples=50)


def test_a_procedure_that_forgets_to_fence_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_role, "fenced", lambda *_: "taken on trust")
    with pytest.raises(AssertionError, match=r"[<=]= 1"):
        run_state_machine_as_test(
            Interruptions,
            settings=hypothesis_settings(max_examples=100, deadline=None, database=None, report_multiple_bugs=False),
        )
