"""The order of an upgrade in each pattern, resumed wherever it was interrupted; what a broken image ends in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from redlab import engine
from redlab.control import gateway_removal, global_load_balancer
from redlab.control.lab import Laboratory
from redlab.control.management import Management, Services
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, virtual_ip
from redlab.probes.node_state import NodeState
from redlab.recovery import active_active, procedure, readiness, two_instances
from redlab.recovery.procedure import Step
from redlab.recovery.readiness import Finding
from redlab.upgrade import plan
from redlab.upgrade.broken import UpgradeError
from tests.support.unit.inventories import inventory_of, inventory_of_text

GATEWAYS_AND_DPS = ("gateway", "dataProcessingServer")
CLUSTER = "pattern: HighAvailability\nsites: {dc1: {database: {availability: cluster}}}\n"


class KilledError(BaseException):
    """The command ends here."""


@dataclass
class World:
    """A lab whose nodes are made anew, and whose services, clients and database are moved; ``done``: in which order."""

    inventory: Inventory
    image_roles: Sequence[str] = GATEWAYS_AND_DPS
    clients: str = "dc1"
    server: str = ""
    primary: str = ""
    upgraded: set[str] = field(default_factory=set)
    declared: bool = False
    broken: str = ""
    problems: tuple[str, ...] = ()
    killed_at: int | None = None
    done_: list[str] = field(default_factory=list)

    def begin(self, killed_at: int | None = None) -> None:
        """Have everything as in a new lab; the command is killed before it does so many things."""
        self.upgraded, self.done_, self.killed_at, self.declared, self.clients = set(), [], killed_at, False, "dc1"
        self.server = self.inventory.of_role("dataProcessingServer")[0].name
        self.primary = self.inventory.of_role("database")[0].name

    # What the steps do

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(node for node in self.inventory.nodes if node.image_role in self.image_roles)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(node.role for node in self.nodes)

    def done(self, nodes: Iterable[Node]) -> str:
        return "done before" if {node.name for node in nodes} <= self.upgraded else ""

    def replace(self, nodes: Sequence[Node]) -> None:
        names = " ".join(node.name for node in nodes)
        if self.broken in names.split():
            raise UpgradeError(
                f"{self.broken}: not ready after 10 s. It was reverted: {names} run what they ran before"
            )
        self.effect(f"anew: {names}")
        self.upgraded |= set(names.split())

    def without(self, _: Sequence[Node]) -> Mapping[str, object]:
        return {}

    def revert(self, _: Mapping[str, object]) -> None:
        self.effect("reverted")
        self.upgraded.clear()

    def settle(self) -> None:
        self.effect("declared")
        self.declared = True

    def settled(self) -> str:
        return "declared" if self.declared else ""

    def effect(self, what: str) -> None:
        if self.killed_at is not None and len(self.done_) >= self.killed_at:
            raise KilledError
        self.done_.append(what)

    # What they ask

    def services(self) -> Services:
        return Services(self.server, self.server, "active", 1, 1.0)

    def moved(self, name: str, attribute: str, to: str) -> Step:
        def act() -> None:
            self.effect(f"{name} to {to}")
            setattr(self, attribute, to)

        return Step(name, name, lambda: "there" if getattr(self, attribute) == to else "", act)

    def recovery(self, _: Laboratory, site: str, *, planned: bool) -> list[Step]:
        assert planned
        moves = [
            ("database", "primary", f"{site}-db1"),
            ("services", "server", f"{site}-dps1"),
            ("clients", "clients", site),
        ]
        return [self.moved(*move) for move in moves]

    @contextmanager
    def drained(self, _: Inventory, gateways: Sequence[Node], *, come_back: bool) -> Iterator[None]:
        assert come_back
        (gateway,) = gateways
        self.effect(f"drained {gateway.name}")
        yield
        self.effect(f"used {gateway.name}")


@pytest.fixture
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    inventory, roles = request.param if isinstance(request.param, tuple) else (request.param, GATEWAYS_AND_DPS)
    made = World(inventory, roles)
    made.begin()
    states = [NodeState(n.name, n.role, n.site, "healthy", "", 0, "") for n in inventory.nodes]
    for module in (plan, procedure):
        monkeypatch.setattr(module, "node_states", lambda _: states)
    monkeypatch.setattr(plan, "CHECK_SECONDS", 0)
    monkeypatch.setattr(type(inventory), "management_urls", lambda *_: ())
    monkeypatch.setattr(Management, "reachable_services", lambda _: made.services())
    monkeypatch.setattr(global_load_balancer, "active_site", lambda _: made.clients)
    monkeypatch.setattr(procedure, "move_clients", lambda _, site: made.moved("clients", "clients", site))
    monkeypatch.setattr(procedure, "move_services", lambda _, node: made.moved("services", "server", node.name))
    monkeypatch.setattr(procedure, "move_database", lambda _, node: made.moved("database", "primary", node.name))
    monkeypatch.setattr(active_active, "steps", lambda _, site: [made.moved("clients", "clients", site)])
    monkeypatch.setattr(two_instances, "steps", made.recovery)
    monkeypatch.setattr(
        two_instances, "reprotection", lambda *_: Step("reprotect", "", lambda: "streams", lambda: None)
    )
    monkeypatch.setattr(readiness, "takeover", lambda _: [])
    monkeypatch.setattr(gateway_removal, "drained", made.drained)
    monkeypatch.setattr(gateway_removal, "in_use", lambda *_: True)
    monkeypatch.setattr(virtual_ip, "holder", lambda *_: made.inventory.node("lb1"))
    monkeypatch.setattr(database, "primary", lambda inv: inv.node(made.primary))
    monkeypatch.setattr(database, "standby", lambda _: "one")
    monkeypatch.setattr(database, "accepts_writes", lambda node: node.name == made.primary)
    monkeypatch.setattr(plan, "fail_over_copy", lambda _, site, __: made.effect(f"tried {site}") or _outcome(made))
    monkeypatch.setattr(engine, "execute", lambda *_: "")
    return made


def _outcome(world: World) -> Any:
    return SimpleNamespace(problems=world.problems)


def go(world: World) -> None:
    lab = Laboratory(world.inventory, Management((), "token"))
    procedure.perform(plan.steps(lab, world))


HA = [
    *("drained gw1", "anew: gw1", "used gw1", "drained gw2", "anew: gw2", "used gw2"),
    *("anew: dps2", "services to dps2", "anew: dps1", "declared"),
]
LOAD_BALANCERS = ["anew: lb2", "anew: lb1", "declared"]
MEMBERS = ["anew: db2", "database to db2", "anew: db1", "declared"]
DISTRIBUTED = [
    "anew: dc2-gw1 dc2-gw2 dc2-dps1",
    *("clients to dc2", "services to dc2-dps1"),
    "anew: dc1-gw1 dc1-gw2 dc1-dps1",
    "declared",
]
DISTRIBUTED_DATABASE = ["anew: dc2-db1", "database to dc2-db1", "anew: dc1-db1", "declared"]
DR = [
    *("anew: dc2-gw1 dc2-gw2 dc2-dps1 dc2-dps2", "tried dc2"),
    *("database to dc2-db1", "services to dc2-dps1", "clients to dc2"),
    *("anew: dc1-gw1 dc1-gw2 dc1-dps1 dc1-dps2", "declared"),
]
BC = [
    *("anew: dc2-gw1 dc2-gw2 dc2-dps1 dc2-dps2", "clients to dc2"),
    *("anew: dc1-gw1 dc1-gw2 dc1-dps1 dc1-dps2", "clients to dc1", "declared"),
]
PATTERNS = [
    pytest.param(inventory_of("ha"), HA, id="ha"),
    pytest.param((inventory_of("ha"), ("loadBalancer",)), LOAD_BALANCERS, id="ha-load-balancers"),
    pytest.param((inventory_of_text(CLUSTER), ("databaseCluster",)), MEMBERS, id="ha-cluster"),
    pytest.param(inventory_of("distributed-ha"), DISTRIBUTED, id="distributed-ha"),
    pytest.param((inventory_of("distributed-ha"), ("databaseCluster",)), DISTRIBUTED_DATABASE, id="distributed-ha-db"),
    pytest.param(inventory_of("dr"), DR, id="dr"),
    pytest.param(inventory_of("business-continuity"), BC, id="business-continuity"),
]


@pytest.mark.parametrize(("world", "expected"), PATTERNS, indirect=["world"])
def test_nobody_is_served_by_what_is_made_anew(world: World, expected: list[str]) -> None:
    go(world)
    assert world.done_ == expected


@pytest.mark.parametrize(("world", "expected"), PATTERNS, indirect=["world"])
def test_wherever_it_is_killed_the_same_command_goes_on(world: World, expected: list[str]) -> None:
    for killed_at in range(len(expected)):
        world.begin(killed_at)
        with pytest.raises(KilledError):
            go(world)
        before = list(world.done_)
        world.killed_at = None
        go(world)
        # Trying a copy, and emptying a gateway, may be done again; nothing is made anew twice.
        assert _made(world.done_) == _made(expected)
        assert world.done_[: len(before)] == before
        assert (world.upgraded, world.declared) == ({node.name for node in world.nodes}, True)


def _made(done: list[str]) -> list[str]:
    return [one for one in done if one.startswith("anew")]


@pytest.mark.parametrize(("world", "expected"), PATTERNS, indirect=["world"])
def test_done_again_it_changes_nothing(world: World, expected: list[str]) -> None:
    go(world)
    del world.done_[:]
    go(world)
    assert world.done_ == []


@pytest.mark.parametrize(
    ("world", "broken", "done"),
    [
        pytest.param(inventory_of("ha"), "gw1", ["drained gw1"], id="ha"),
        pytest.param(inventory_of("distributed-ha"), "dc2-gw1", [], id="distributed-ha"),
        pytest.param(inventory_of("dr"), "dc2-dps1", [], id="dr"),
        pytest.param(inventory_of("business-continuity"), "dc2-gw2", [], id="business-continuity"),
    ],
    indirect=["world"],
)
def test_a_broken_image_moves_nobody(world: World, broken: str, done: list[str]) -> None:
    world.broken = broken
    with pytest.raises(UpgradeError, match=f"{broken}: not ready"):
        go(world)
    assert world.done_ == done
    assert world.clients == "dc1"


@pytest.mark.parametrize("world", [inventory_of("dr")], indirect=True)
def test_a_test_failover_that_fails_takes_the_failover_instance_back(world: World) -> None:
    world.problems = ("the copy does not process the event that it took in",)
    with pytest.raises(UpgradeError, match=r"does not process .* It was reverted: dc2-gw1, dc2-gw2"):
        go(world)
    assert world.done_ == ["anew: dc2-gw1 dc2-gw2 dc2-dps1 dc2-dps2", "tried dc2", "reverted"]


@pytest.mark.parametrize("world", [inventory_of("dr")], indirect=True)
def test_a_failover_instance_that_is_not_ready_takes_over_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lag = Finding("lag", False, "1 GB", "16 MB")
    monkeypatch.setattr(readiness, "takeover", lambda _: [lag] if world.upgraded else [])
    with pytest.raises(UpgradeError, match=r"lag: 1 GB\. It was reverted"):
        go(world)
    assert "clients to dc2" not in world.done_


@pytest.mark.parametrize("world", [inventory_of("dr")], indirect=True)
def test_steps_that_users_may_notice_are_those_of_the_switchover(world: World) -> None:
    found = plan.steps(Laboratory(world.inventory, Management((), "token")), world)
    assert [step.name for step in found if step.interrupts] == ["database", "services", "clients"]


@pytest.mark.parametrize("world", [inventory_of("ha")], indirect=True)
def test_without_services_it_does_not_begin(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Management, "reachable_services", lambda _: Services(None, None, "none", 1, None))
    with pytest.raises(RedlabError, match="an upgrade needs active services, they are none"):
        go(world)
    assert world.done_ == []


@pytest.mark.parametrize("world", [inventory_of("ha")], indirect=True)
def test_a_gateway_that_the_load_balancers_do_not_take_for_ready_is_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def drained(*_: object, come_back: bool) -> Iterator[None]:
        yield
        raise RedlabError(f"gw1: the load balancers do not send to it ({come_back})")

    monkeypatch.setattr(gateway_removal, "drained", drained)
    with pytest.raises(UpgradeError, match=r"gw1: the load balancers do not send to it .* It was reverted: gw1 run"):
        go(world)
    assert world.done_ == ["anew: gw1", "reverted"]
