"""The order of things in a drill, for every scenario of every topology: in a lab of stand-ins for its parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Self

import pytest

from redlab.control import global_load_balancer
from redlab.control.management import Services
from redlab.drift import databases
from redlab.drills import final_read, operator, preflight, runner, storm, twin_drill, twin_read
from redlab.drills.load_settings import LoadSettings
from redlab.drills.record import Record
from redlab.drills.scenario import Scenario
from redlab.errors import RedlabError
from redlab.faults import healing, journal, link_fault, node_fault, residue
from redlab.faults.fault import Fault
from redlab.faults.journal import Entry
from redlab.measure.history import History
from redlab.model.inventory import Inventory
from redlab.predict.fault_kinds import BROKEN_UPGRADE, DRIFT, STORM, SWITCHOVER, TEST_FAILOVER, UPGRADE
from redlab.predict.part import Part
from redlab.probes import database, exchange, gateway_queue, replication_lag, topology
from redlab.recovery import readiness, two_instances
from redlab.recovery.procedure import Step
from tests.support.drills.mechanisms import STACKS, scenarios_of
from tests.support.unit.inventories import inventory_of
from tests.support.unit.sights import Sight


class World:
    """A lab in which everything goes well; ``log`` says what was done to it, ``now`` is its clock."""

    def __init__(self, stack: str) -> None:
        self.inventory = inventory_of(stack)
        self.log: list[str] = []
        self.now = 1000.0
        self.epoch = 1
        self.evidence = "gone"
        self.left: list[str] = []

    # The laboratory

    @property
    def management(self) -> Self:
        return self

    @property
    def managements(self) -> tuple[Self, ...]:
        return (self,)

    def management_of(self, _: str) -> Self:
        return self

    def reachable_services(self) -> Services:
        self.epoch += 1  # somebody always takes over
        servers = self.inventory.of_role("dataProcessingServer")
        return Services(servers[0].name, servers[0].name, "active", self.epoch, 1.0)

    def reassign(self, to: str) -> None:
        self.log.append(f"reassign {to}")

    # Its faults

    def break_nodes(self, _: str, kind: str, nodes: Sequence[Any], __: float) -> list[Fault]:
        return [self._broken(kind, node) for node in nodes]

    def break_ways(self, _: Inventory, kind: str, ways: Sequence[Any], __: float) -> list[Fault]:
        return [self._broken(kind, self.inventory.of_role("wanRouter")[0]) for _ in ways]

    def _broken(self, kind: str, node: Any) -> Fault:
        self.log.append(f"fault {kind}")
        self.left.append(node.name)
        return Fault(Entry(node.name, "x", kind, node.name, node.container, 0.0), node, self.now, self.evidence)

    def heal(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.node in self.left:
                self.left.remove(entry.node)
        self.log.append("heal")

    def go(self, site: str) -> Step:
        return Step("clients", f"everything to {site}", lambda: "", lambda: self.log.append(f"go to {site}"))

    def refuse(self) -> None:
        raise RedlabError("the instances differ")


class FakeLoad:
    """Everything succeeds, whoever sends it."""

    def __init__(self, *_: Any) -> None:
        self.collector, self.ended = None, True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def history(self) -> History:
        return History("x", (), 0)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *_: [] if name == "recent" else True


class FakeTwinLoad(FakeLoad):
    def __init__(self, inventory: Inventory, *_: Any) -> None:
        super().__init__()
        self.of_site = {site: FakeLoad() for site in inventory.data_centers}


class FakeUpgrading:
    def __init__(self, world: Any, record: Record, _: Any) -> None:
        self._log, self._record = world.log, record

    def prepare(self) -> None:
        self._log.append("new images")

    def run(self) -> None:
        self._log.append("upgrade")
        self._record.fault_at = time.monotonic()

    def forget(self) -> None:
        self._log.append("images forgotten")


@contextmanager
def entered(**given: Any) -> Iterator[SimpleNamespace]:
    yield SimpleNamespace(**given)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, stack: str) -> World:
    world = World(stack)

    def sleep(seconds: float) -> None:
        world.now += seconds

    def put(owner: Any, **answers: Any) -> None:
        for name, answer in answers.items():
            monkeypatch.setattr(owner, name, answer)

    def logged(text: str, answer: Any = None) -> Callable[..., Any]:
        return lambda *_, **__: world.log.append(text) or answer

    put(time, monotonic=lambda: world.now, sleep=sleep)
    put(journal, exclusive=lambda _: entered(), entries=lambda _: [], remembered_automation=lambda _: None)
    put(residue, heal_interrupted=lambda _: [], restore_images=lambda _: False, images_of=lambda _: {})
    put(two_instances, resume=lambda _: [], steps=lambda _, site, **__: [world.go(site), world.go(site)])
    put(
        two_instances,
        reprotection=lambda _, __: Step("r", "reprotect", lambda: "", lambda: world.log.append("reprotect")),
    )
    put(preflight, check=logged("check"), set_automation=lambda *_: None, software=dict)
    put(gateway_queue, held=lambda _: frozenset())
    put(runner, Load=FakeLoad, DiskWatch=lambda: entered(stalls=[]), Fencer=lambda *_: entered(fenced_at=1.0))
    put(runner, LabSight=lambda inventory, element, *_: Sight(inventory, element), Upgrading=FakeUpgrading)
    put(runner, all_ready=lambda _: True, part_of=lambda *_: Part.SPARE)
    put(runner, Discoveries=lambda *_: SimpleNamespace(make=logged("discover"), missing=list))
    put(runner, fail_over_copy=logged("copy", SimpleNamespace(problems=())))
    put(readiness, takeover=lambda _: [])
    put(database, standby=lambda _: True)
    put(topology, settled=lambda _: True)
    put(replication_lag, read=logged("lag"))
    put(operator, interrupted=logged("killed", True))
    put(global_load_balancer, active_site=lambda _: "dc1", set_active_site=lambda _, site: world.log.append(site))
    put(node_fault, inject=world.break_nodes)
    put(link_fault, inject=world.break_ways)
    put(healing, heal_all=world.heal, heal=lambda entry: world.heal([entry]))
    put(storm, Load=FakeLoad)
    put(twin_drill, TwinLoad=FakeTwinLoad, Sessions=lambda _: entered(count=4, ended=4))
    put(databases, differences=lambda _: [], tamper=logged("drift"), carry_out=logged("alike"))
    put(exchange, sent_bytes=lambda _: 0, open_events=lambda *_: 0)
    put(final_read.FinalRead, run=logged("read"))
    put(twin_read.TwinRead, run=logged("read"))
    return world


def drilled(world: World, scenario: Scenario) -> Record:
    lab: Any = world
    if world.inventory.active_active:
        return twin_drill.TwinDrill(lab, scenario, LoadSettings(), lambda _: None, allow_drift=False).run()
    return runner.Drill(lab, scenario, LoadSettings(), lambda _: None).run()


EVERY = [
    pytest.param(stack, scenario, id=f"{stack} {scenario.title}")
    for stack in STACKS
    for scenario in scenarios_of(stack)
    if scenario.fault is not DRIFT
]


@pytest.mark.parametrize(("stack", "scenario"), EVERY)
def test_a_drill_checks_breaks_heals_and_reads(world: World, stack: str, scenario: Scenario) -> None:
    record = drilled(world, scenario)
    assert record.abort_reasons == ()
    assert record.breaches == ()
    assert record.fault_at is not None
    assert world.log[0] == "check"
    assert world.log.index("read") > max(n for n, said in enumerate(world.log) if said != "images forgotten") - 1
    faults = [said for said in world.log if said.startswith("fault ")]
    assert bool(faults) is scenario.fault.breaks
    assert world.left == [], "every fault is reverted"
    assert (record.heal_at or 0.0) >= record.fault_at + scenario.lasts_seconds
    expected = {
        "reassign": scenario.fault is SWITCHOVER and not scenario.procedure and "dps" in scenario.name,
        "copy": scenario.fault is TEST_FAILOVER,
        "upgrade": scenario.fault in (UPGRADE, BROKEN_UPGRADE),
        "killed": scenario.interrupted,
        "discover": scenario.discovers,
        "reprotect": scenario.procedure and world.inventory.replication is not None,
        "fault hang": scenario.fault.name == "hang" or scenario.desk_hangs_seconds > 0,
    }
    expected["reassign"] |= scenario.operator_delay_seconds is not None and not scenario.procedure
    for what, wanted in expected.items():
        assert any(said.startswith(what) for said in world.log) is wanted, what


@pytest.mark.parametrize("stack", ["ha"])
def test_a_fault_that_did_not_land_aborts_and_is_healed_all_the_same(
    world: World, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.evidence = ""
    monkeypatch.setattr(journal, "entries", lambda _: world.left)
    monkeypatch.setattr(residue, "heal", lambda _: world.left.clear())
    (crash,) = (one for one in scenarios_of(stack) if one.name == "gateway-crash")
    record = drilled(world, crash)
    assert record.abort_reasons == ("the fault did not land: gw2 is still well",)
    assert "read" not in world.log
    assert world.left == []


@pytest.mark.parametrize("stack", ["distributed-ha"])
def test_the_witness_is_lost_before_the_primary_and_comes_back_with_it(world: World, stack: str) -> None:
    (both,) = (one for one in scenarios_of(stack) if one.without_witness)
    drilled(world, both)
    assert world.log.count("fault crash") == 2
    assert world.log.index("fault crash") < world.log.index("read")


@pytest.mark.parametrize("stack", ["business-continuity"])
def test_a_failover_that_is_not_refused_is_a_breach(world: World, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (differs,) = (one for one in scenarios_of(stack) if one.fault is DRIFT)
    assert drilled(world, differs).breaches == ("a failover to an instance that differs was not refused",)
    assert world.log.index("drift") < world.log.index("alike") < world.log.index("read")
    refused = Step("drift", "compare", lambda: "", world.refuse)
    monkeypatch.setattr(
        two_instances,
        "steps",
        lambda _, site, **__: [refused] if world.log[-1] == "drift" else [world.go(site)],
    )
    assert drilled(world, differs).breaches == ()


@pytest.mark.parametrize("stack", ["business-continuity"])
def test_a_storm_is_sent_to_both_and_breaks_nothing(world: World, stack: str) -> None:
    (bursts,) = (one for one in scenarios_of(stack) if one.fault is STORM)
    record = drilled(world, bursts)
    assert record.evidence == "0 events were acknowledged in bursts of 20"
