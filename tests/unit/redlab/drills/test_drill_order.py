"""The order of things in a drill, for every scenario of every topology: in a lab of stand-ins for its parts."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from redlab.control.management import Services
from redlab.drift import databases
from redlab.drills import final_read, operator, runner, storm, twin_drill, twin_read
from redlab.drills.load_settings import LoadSettings
from redlab.drills.record import Record
from redlab.drills.scenario import Scenario
from redlab.engine import Container
from redlab.errors import RedlabError
from redlab.faults import journal, node_fault
from redlab.measure.history import History
from redlab.model.inventory import Inventory
from redlab.predict.fault_kinds import BROKEN_UPGRADE, DRIFT, STORM, SWITCHOVER, TEST_FAILOVER, UPGRADE
from redlab.predict.part import Part
from redlab.probes import database, exchange, replication_lag, topology
from redlab.recovery import readiness, two_instances
from redlab.recovery.procedure import Step
from redlab.stack import checkout
from tests.support.drills.mechanisms import STACKS, scenarios_of
from tests.support.fake_engine import FakeEngine
from tests.support.unit.inventories import inventory_of
from tests.support.unit.sights import Sight

DECLARED = {
    "roundTripMilliseconds": 2.0,
    "jitterMilliseconds": 0.0,
    "lossPercent": 0.0,
    "bandwidthMegabitsPerSecond": 0,
}


class World:
    """A lab in which everything goes well; ``log`` says what was done to it, ``now`` is its clock.

    Its nodes are containers of an engine in memory, and answer what a drill asks them.
    """

    def __init__(self, stack: str) -> None:
        self.inventory = inventory_of(stack)
        self.engine = FakeEngine.of_lab(self.inventory, self._answered)
        self.log = self.engine.done
        self.now = 1000.0
        self.epoch = 1
        self._before = dict(self.engine.there)
        self._expired = ""
        self._links: dict[str, list[str]] = {link.name: [] for link in self.inventory.links}
        self._automatic = {"services": True, "clients": True}
        self._site = self.inventory.data_centers[0]
        self.trusting = None

    # The laboratory

    @property
    def management(self) -> Self:
        return self

    @property
    def managements(self) -> tuple[Self, ...]:
        return (self,)

    def management_of(self, _: str) -> Self:
        return self

    def health(self) -> SimpleNamespace:
        return SimpleNamespace(automatic_failover=self._automatic["services"])

    def set_automatic_failover(self, on: bool) -> None:
        self._automatic["services"] = on

    def reachable_services(self) -> Services:
        self.epoch += 1  # somebody always takes over
        servers = self.inventory.of_role("dataProcessingServer")
        return Services(servers[0].name, servers[0].name, "active", self.epoch, 1.0)

    def reassign(self, to: str) -> None:
        self.log.append(f"reassign {to}")

    def left(self) -> list[str]:
        """What is not as it was at the beginning."""
        changed = [
            name
            for name, one in self.engine.there.items()
            if (one.condition, {*one.endpoints}) != ("healthy", {*self._before[name].endpoints})
        ]
        return [*changed, *(link for link, done in self._links.items() if done), *filter(None, [self._expired])]

    def expire(self, container: Container) -> Callable[[], None]:
        def act() -> None:
            self.log.append(f"expire {container.name}")
            self._expired = container.name

        return act

    def go(self, site: str) -> Step:
        return Step("clients", f"everything to {site}", lambda: "", lambda: self.log.append(f"go to {site}"))

    def refuse(self) -> None:
        raise RedlabError("the instances differ")

    # What its nodes answer

    def _answered(self, name: str, command: list[str]) -> str:
        match command:
            case ["cat", file]:
                self.log.append("check")
                return Path(file).read_text()
            case ["active-site", *asked]:
                return json.dumps(self._routed(asked))
            case ["declare-site", _, mode]:
                self._automatic["clients"] = mode == "automatic"
                return ""
            case ["link", *asked]:
                return json.dumps(self._linked(asked))
            case ["/bin/bash", "-c", request]:
                return self._asked(request)
            case ["sh", "-c", script] if "database-tls serve" in script:
                self._expired = ""
                return ""
            case ["sh", "-c", "database-tls check || true"]:
                return self._expired and "its certificate expired"
        raise RedlabError(f"{name} does not know {command}")

    def _routed(self, asked: list[str]) -> dict[str, Any]:
        if asked[0] == "set":
            self.log.append(asked[1])
            self._site = asked[1]
        sites = {site: {"up": True} for site in self.inventory.data_centers}
        automatic = self._automatic["clients"]
        return {"activeSite": self._site, "declared": self._site, "automatic": automatic, "sites": sites}

    def _linked(self, asked: list[str]) -> dict[str, Any]:
        action, names = asked[0], asked[1:2]
        for link in self._links if names == ["--all"] else names:
            self._links[link] = [] if action == "restore" else [*self._links[link], action]
        if action in ("cut", "set"):
            self.log.append(f"{action} link {names[0]}")
        links = []
        for each in self.inventory.links:
            one, other = each.sites
            cuts = [{"from": one, "to": other, "remainingSeconds": 1.0}] if "cut" in self._links[each.name] else []
            current = {**DECLARED, "lossPercent": 1.0 if "set" in self._links[each.name] else 0.0}
            rest = {"declared": DECLARED, "current": current, "cuts": cuts, "forwarded": []}
            links.append({"name": each.name, "sites": [one, other], **rest})
        return {"emulation": "tun", "links": links}

    @staticmethod
    def _asked(request: str) -> str:
        if "/v1/pull" in request:
            return "HTTP/1.0 204 No Content\n\n"
        said = {"pending_events": 0, "oldest_age_seconds": 0.0, "exchange": {"sent_bytes": 0}}
        return f"HTTP/1.0 200 OK\n\n{json.dumps(said)}"


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
def world(monkeypatch: pytest.MonkeyPatch, stack: str, tmp_path: Path) -> World:
    world = World(stack)
    world.engine.used(monkeypatch)

    def sleep(seconds: float) -> None:
        world.now += seconds

    def put(owner: Any, **answers: Any) -> None:
        for name, answer in answers.items():
            monkeypatch.setattr(owner, name, answer)

    def logged(text: str, answer: Any = None) -> Callable[..., Any]:
        return lambda *_, **__: world.log.append(text) or answer

    put(time, monotonic=lambda: world.now, sleep=sleep)
    put(checkout, RUN=tmp_path)
    put(subprocess, Popen=lambda *_, **__: None)
    put(two_instances, steps=lambda _, site, **__: [world.go(site), world.go(site)])
    put(
        two_instances,
        reprotection=lambda _, __: Step("r", "reprotect", lambda: "", lambda: world.log.append("reprotect")),
    )
    put(runner, Load=FakeLoad, DiskWatch=lambda: entered(stalls=[]), Fencer=lambda *_: entered(fenced_at=1.0))
    put(runner, LabSight=lambda inventory, element, *_: Sight(inventory, element), Upgrading=FakeUpgrading)
    put(runner, part_of=lambda *_: Part.SPARE)
    put(runner, Discoveries=lambda *_: SimpleNamespace(make=logged("discover"), missing=list))
    put(runner, fail_over_copy=logged("copy", SimpleNamespace(problems=())))
    put(readiness, takeover=lambda _: [])
    put(database, standby=lambda _: True)
    put(topology, settled=lambda _: True)
    put(replication_lag, read=logged("lag"))
    put(operator, interrupted=logged("killed", True))
    expiry = replace(node_fault.KINDS["certificate-expiry"], prepare=world.expire)
    monkeypatch.setitem(node_fault.KINDS, "certificate-expiry", expiry)
    put(storm, Load=FakeLoad)
    put(twin_drill, TwinLoad=FakeTwinLoad, Sessions=lambda *_: entered(count=4, ended=4))
    put(databases, differences=lambda _: [], tamper=logged("drift"), carry_out=logged("alike"))
    put(exchange, open_events=lambda *_: 0)
    put(final_read.FinalRead, run=logged("read"))
    put(twin_read.TwinRead, run=logged("read"))
    return world


def drilled(world: World, scenario: Scenario) -> Record:
    lab: Any = world
    if world.inventory.active_active:
        return twin_drill.TwinDrill(lab, scenario, LoadSettings(), lambda _: None, allow_drift=False).run()
    return runner.Drill(lab, scenario, LoadSettings(), lambda _: None).run()


FAULTS = ("kill ", "pause ", "disconnect ", "cut link ", "set link ", "expire ")
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
    faults = [said for said in world.log if said.startswith(FAULTS)]
    assert bool(faults) is scenario.fault.breaks
    assert world.left() == [], "every fault is reverted"
    assert journal.entries(world.inventory.lab) == []
    assert (record.heal_at or 0.0) >= record.fault_at + scenario.lasts_seconds
    expected = {
        "reassign": scenario.fault is SWITCHOVER and not scenario.procedure and "dps" in scenario.name,
        "copy": scenario.fault is TEST_FAILOVER,
        "upgrade": scenario.fault in (UPGRADE, BROKEN_UPGRADE),
        "killed": scenario.interrupted,
        "discover": scenario.discovers,
        "reprotect": scenario.procedure and world.inventory.replication is not None,
        "pause": scenario.fault.name == "hang" or scenario.desk_hangs_seconds > 0,
    }
    expected["reassign"] |= scenario.operator_delay_seconds is not None and not scenario.procedure
    for what, wanted in expected.items():
        assert any(said.startswith(what) for said in world.log) is wanted, what


@pytest.mark.parametrize("stack", ["ha"])
def test_a_fault_that_did_not_land_aborts_and_is_healed_all_the_same(
    world: World, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.engine, "kill", lambda name: world.engine.disconnect(name, "redlab-ha-access"))
    (crash,) = (one for one in scenarios_of(stack) if one.name == "gateway-crash")
    record = drilled(world, crash)
    assert record.abort_reasons == ("the fault did not land: gw2 is still well",)
    assert "read" not in world.log
    assert world.left() == []
    assert journal.entries("ha") == []


@pytest.mark.parametrize("stack", ["distributed-ha"])
def test_the_witness_is_lost_before_the_primary_and_comes_back_with_it(world: World, stack: str) -> None:
    (both,) = (one for one in scenarios_of(stack) if one.without_witness)
    drilled(world, both)
    killed = [said.removeprefix("kill redlab-distributed-ha-") for said in world.log if said.startswith("kill ")]
    assert killed == ["witness-etcd1", "dc1-db1"]
    assert world.log[-1] == "read"


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
