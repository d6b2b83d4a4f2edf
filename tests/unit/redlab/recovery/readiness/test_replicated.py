"""Readiness of an instance that stands by: each point as it is when all is well, and when it is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from redlab import engine
from redlab.control import global_load_balancer, instance_parameters
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, replication
from redlab.probes.node_state import NodeState
from redlab.probes.replication import DatabaseRole
from redlab.recovery import readiness
from redlab.recovery.readiness import nodes
from redlab.recovery.readiness.replicated import MAXIMUM_LAG_BYTES
from tests.support.unit.inventories import inventory_of


@dataclass
class World:
    """What each database server and each configuration file says; a test changes one thing."""

    inventory: Inventory
    primary: str = "dc1-db1"
    clients: str = "dc1"
    roles: dict[str, DatabaseRole] = field(default_factory=dict)
    slots: str = "dc2_db1 reserved"
    disks: dict[str, str] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    not_so: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    unwell: set[str] = field(default_factory=set)

    def query(self, _: Node, __: str, text: str) -> str:
        assert "pg_replication_slots" in text
        return self.slots

    def states(self, _: Inventory) -> list[NodeState]:
        return [
            NodeState(n.name, n.role, n.site, "stopped" if n.name in self.unwell else "healthy", "", 0, "")
            for n in self.inventory.nodes
        ]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    inventory = inventory_of("dr")
    gibibyte = 2**30
    world = World(
        inventory,
        roles={
            "dc1-db1": DatabaseRole(False, False, 3, 1000, None, ("dc2-db1",), 0.02),
            "dc2-db1": DatabaseRole(True, False, 3, 1000, 1000, (), None),
        },
        disks=dict.fromkeys(("dc1-db1", "dc2-db1"), f"1B-blocks Avail\n{100 * gibibyte} {60 * gibibyte}\n"),
        files={
            node.name: json.dumps(dict(instance_parameters.of_site(inventory, node.site))).encode()
            for node in inventory.of_role("dataProcessingServer")
        },
    )
    monkeypatch.setattr(nodes, "node_states", world.states)
    monkeypatch.setattr(database, "primary", lambda inv: inv.node(world.primary) if world.primary else None)
    monkeypatch.setattr(database, "query", world.query)
    monkeypatch.setattr(global_load_balancer, "active_site", lambda _: world.clients)
    monkeypatch.setattr(replication, "role", lambda node: world.roles.get(node.name))
    monkeypatch.setattr(engine, "execute", lambda node, _: world.disks[node.name])
    monkeypatch.setattr(engine, "read_file", lambda node, _: world.files[node.name])
    monkeypatch.setattr(instance_parameters, "foreign", lambda *_: world.foreign)
    monkeypatch.setattr(instance_parameters, "not_so", lambda *_: world.not_so)
    yield world


def unready(world: World) -> dict[str, str]:
    return {found.name: found.found for found in readiness.takeover(world.inventory) if not found.ready}


def test_an_instance_that_is_well_is_ready(world: World) -> None:
    assert unready(world) == {}


def no_primary(world: World) -> None:
    world.primary = ""


def not_streaming(world: World) -> None:
    world.roles["dc1-db1"] = replace(world.roles["dc1-db1"], streams_to=())


def on_another_timeline(world: World) -> None:
    world.roles["dc2-db1"] = replace(world.roles["dc2-db1"], timeline=2)


def far_behind(world: World) -> None:
    world.roles["dc1-db1"] = replace(
        world.roles["dc1-db1"], written_bytes=MAXIMUM_LAG_BYTES + 1001, replay_lag_seconds=9.0
    )


def slot_lost(world: World) -> None:
    world.slots = "dc2_db1 lost"


def away_for_too_long(world: World) -> None:
    not_streaming(world)
    slot_lost(world)


def led_elsewhere(world: World) -> None:
    world.clients = "dc2"


def no_slot(world: World) -> None:
    world.slots = ""


def full_disk(world: World) -> None:
    world.disks["dc2-db1"] = "1B-blocks Avail\n1000000 50000\n"


def foreign_parameters(world: World) -> None:
    world.foreign = ["instance.database_sid is dc2"]


def another_port(world: World) -> None:
    world.not_so = ["instance.database_port is 5433, dc2-db1 has 5432"]


def wrong_file(world: World) -> None:
    world.files["dc2-dps2"] = world.files["dc1-dps1"]


def no_json(world: World) -> None:
    world.files["dc2-dps1"] = b"{"


def stopped(world: World) -> None:
    world.unwell.add("dc2-lb1")


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (no_primary, {"production": "no database accepts writes"}),
        (not_streaming, {"replication": "none"}),
        (on_another_timeline, {"replication": "none"}),
        (far_behind, {"lag": f"{MAXIMUM_LAG_BYTES + 1} bytes", "delay": "9.000 s"}),
        (slot_lost, {"slot": "dc2_db1 lost"}),
        (away_for_too_long, {"replication": "none", "slot": "dc2_db1 lost"}),
        (led_elsewhere, {"clients": "led to dc2"}),
        (no_slot, {"slot": "none"}),
        (full_disk, {"disk of dc2-db1": "5% of"}),
        (foreign_parameters, {"parameters of production": "instance.database_sid is dc2"}),
        (another_port, {"parameters of the failover instance": "instance.database_port is 5433"}),
        (wrong_file, {"configuration files of dc2": "dc2-dps2 has others in /etc/redlab/instance.json"}),
        (no_json, {"configuration files of dc2": "dc2-dps1: "}),
        (stopped, {"nodes": "dc2-lb1 stopped"}),
    ],
)
def test_what_an_instance_lacks_is_named(world: World, broken: Callable[[World], None], named: dict[str, str]) -> None:
    broken(world)
    found = unready(world)
    assert found.keys() == named.keys()
    assert all(text in found[name] for name, text in named.items())
