"""Two instances as the recovery procedure meets them, without an engine; a command may be killed at every effect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from redlab import engine
from redlab.control import database_role, fencing, global_load_balancer, instance_parameters
from redlab.control.lab import Laboratory
from redlab.control.management import Health, Management, Services
from redlab.engine import Container
from redlab.engine.model import State
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, replication
from redlab.probes.node_state import NodeState
from redlab.probes.replication import DatabaseRole
from redlab.recovery import procedure, two_instances
from tests.support.fake_engine import FakeEngine, of_node
from tests.support.unit.inventories import inventory_of

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
    away: bool = False  # the primary keeps no more what it lacks
    unprotected: bool = False

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

        One that was away for too long is copied anew then.

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
        following = [s for s in self.servers.values() if s.standby and s.follow == server.name]
        followers = tuple(s.name for s in following if s.running and not s.away)
        lost = tuple(s.name.replace("-", "_") for s in following if s.away)
        timeline = 1 if server.complete else 0
        return DatabaseRole(server.standby, server.frozen, timeline, 100, 100, followers, None, server.complete, lost)

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
                case "freeze" | "thaw":
                    server.frozen = action == "freeze"
                case "promote":
                    if not server.complete:
                        raise RedlabError("the first copy is not complete")
                    server.follow, server.standby, server.frozen = "", False, False
                    server.unprotected = True
                case "protect":
                    server.unprotected = False
        return "100"

    def write(self, node: Node, _: str, content: bytes) -> None:
        for _effect in self.effect(f"mark {node.name}"):
            self.servers[node.name].follow = content.decode()

    def engine(self, inventory: Inventory) -> FakeEngine:
        return _Engine(self, inventory)

    def reassign(self, _: Management, to: str) -> int:
        for _effect in self.effect(f"services to {to}"):
            self.active = to
        return 1

    def set_site(self, _: Any, site: str) -> None:
        for _effect in self.effect(f"clients to {site}"):
            self.clients = site


class _Engine(FakeEngine):
    """The engine of a world: its containers run as the world's servers do, all others always."""

    def __init__(self, world: World, inventory: Inventory) -> None:
        super().__init__(of_node(inventory, node) for node in inventory.nodes)
        self._world = world
        self._names = {node.container: node.name for node in inventory.nodes}

    def container(self, name: str) -> Container:
        server = self._world.servers.get(self._names[name])
        runs = server is None or server.running
        state = State("running" if runs else "exited", running=runs)
        return replace(super().container(name), state=state)

    def kill(self, name: str) -> None:
        self._stop(name, "kill (SIGKILL)")

    def stop(self, name: str, seconds: int) -> None:
        self._stop(name, f"stop within {seconds} s:")

    def start(self, name: str) -> None:
        server = self._world.servers[self._names[name]]
        for _ in self._world.effect(f"start {server.name}"):
            server.away = False
            self._world.start(server)

    def _stop(self, name: str, what: str) -> None:
        server = self._world.servers[self._names[name]]
        for _ in self._world.effect(f"{what} {server.name}"):
            server.running = False


@cache
def lab_of_two_instances() -> Inventory:
    return inventory_of("dr")


def parameters(site: str) -> dict[str, str]:
    return dict(instance_parameters.of_site(lab_of_two_instances(), site))


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
        patch.setattr(replication, "unprotected", lambda node: world.servers[node.name].unprotected)
        patch.setattr(engine, "execute", world.execute)
        patch.setattr(engine, "write_file", world.write)
        world.engine(inventory).used(patch)
        patch.setattr(database, "accepts_writes", lambda node: world.servers[node.name].serves)
        patch.setattr(
            fencing,
            "prove_dead",
            lambda node: None if world.servers[node.name].running else fencing.Proof(node.name, "dead"),
        )
        patch.setattr(global_load_balancer, "active_site", lambda _: world.clients)
        patch.setattr(global_load_balancer, "set_active_site", world.set_site)
        patch.setattr(global_load_balancer, "declare_again", lambda _: False)
        patch.setattr(
            global_load_balancer,
            "routing",
            lambda _: SimpleNamespace(up={site: world.servers[f"{site}-db1"].serves for site in ("dc1", "dc2")}),
        )
        for module, names in (
            (database_role, ("CATCH_UP_SECONDS", "MARK_SECONDS", "PROMOTION_SECONDS", "REJOIN_SECONDS")),
            (two_instances, ("READY_SECONDS",)),
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
        return procedure.perform(two_instances.steps(lab, site, planned=planned))
