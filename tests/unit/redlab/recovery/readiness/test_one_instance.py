"""Readiness of one instance, in one site and in two: each point as it is when all is well, and when it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from redlab.control import global_load_balancer
from redlab.control.global_load_balancer import Routing
from redlab.errors import RedlabError
from redlab.measure.round_trips import UNANSWERED, Probe
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, disk, http, virtual_ip
from redlab.recovery.readiness import one_instance
from redlab.recovery.readiness.finding import Finding
from tests.support.unit.inventories import inventory_of


@dataclass
class World:
    """What each node answers; a test changes one thing."""

    inventory: Inventory
    servers: dict[str, str] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    waiting_seconds: dict[str, float] = field(default_factory=dict)
    held: dict[str, set[str]] = field(default_factory=dict)
    primary: str = ""
    standby: str = ""
    leaders: set[str] = field(default_factory=set)
    trips: list[float] = field(default_factory=list)
    late: float = 0.0
    free_gibibytes: int = 50
    up: dict[str, bool] = field(default_factory=dict)

    def get(self, node: Node, _: int, path: str) -> Any:
        if node.name in self.down:
            raise RedlabError(f"{node.name}: {path}: 503")
        match path:
            case "/v1/status":
                return {"state": self.servers[node.name]}
            case "/v1/queue":
                return {"pending_events": 1000, "oldest_age_seconds": self.waiting_seconds.get(node.name, 0.2)}
        return {"ready": True}

    def store_status(self, node: Node) -> dict[str, Any]:
        if node.name in self.down:
            raise RedlabError("does not answer")
        return {"header": {"member_id": node.name}, "leader": node.name if node.name in self.leaders else "another"}


def world_of(stack: str, monkeypatch: pytest.MonkeyPatch) -> World:
    inventory = inventory_of(stack)
    servers = [node.name for node in inventory.of_role("dataProcessingServer")]
    databases = [node.name for node in inventory.of_role("database")]
    world = World(
        inventory,
        servers={name: "active" if name == servers[0] else "standby" for name in servers},
        held={
            node.name: set(virtual_ip.addresses(inventory, node.site).values()) if node.name.endswith("lb1") else set()
            for node in inventory.of_role("loadBalancer")
        },
        primary=databases[0],
        standby=databases[-1],
        leaders={"dc1-etcd1"},
        trips=[2.2] * 199 + [9.0],
        up=dict.fromkeys(inventory.data_centers, True),
    )
    monkeypatch.setattr(http, "get", world.get)
    monkeypatch.setattr(
        virtual_ip, "held", lambda inv, site: {n.name: world.held[n.name] for n in inv.of_site(site, "loadBalancer")}
    )
    monkeypatch.setattr(database, "primary", lambda inv: inv.node(world.primary) if world.primary else None)
    monkeypatch.setattr(database, "synchronous_standby", lambda inv: inv.node(world.standby) if world.standby else None)
    monkeypatch.setattr(database, "store_status", world.store_status)
    monkeypatch.setattr(disk, "room", lambda _: (100 * 2**30, world.free_gibibytes * 2**30))
    monkeypatch.setattr(one_instance, "round_trips", lambda *_: [Probe(each, world.late) for each in world.trips])
    monkeypatch.setattr(global_load_balancer, "routing", lambda _: Routing("dc1", "dc1", False, world.up))
    return world


def unready(world: World) -> dict[str, str]:
    return {found.name: found.found for found in one_instance.findings(world.inventory) if not found.ready}


@pytest.mark.parametrize("stack", ["ha", "distributed-ha"])
def test_a_lab_that_is_well_is_ready(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(stack, monkeypatch)
    assert unready(world) == {}


def point(world: World, name: str) -> Finding:
    return next(found for found in one_instance.findings(world.inventory) if found.name == name)


def test_the_points_of_high_availability(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of("ha", monkeypatch)
    assert [found.name for found in one_instance.findings(world.inventory)] == [
        "data processing servers", "gateways of dc1", "virtual IP of dc1 for collectors",
        "virtual IP of dc1 for users", "queues of the gateways", "database", "disk of db1",
    ]  # fmt: skip
    assert point(world, "database").found == "db1 accepts writes; it is one server, which nothing takes over"
    assert point(world, "data processing servers").found == "dps1 active, dps2 standby"


def no_standby(world: World) -> None:
    world.down.add("dps2")


def none_active(world: World) -> None:
    world.servers["dps1"] = "fenced"


def one_gateway(world: World) -> None:
    world.down.add("gw2")


def stuck_queue(world: World) -> None:
    world.waiting_seconds["gw1"] = 120.0


def held_twice(world: World) -> None:
    world.held["lb2"] = world.held["lb1"]


def full_disk(world: World) -> None:
    world.free_gibibytes = 9


def held_by_nobody(world: World) -> None:
    world.held["lb1"] = set()


def no_primary(world: World) -> None:
    world.primary = ""


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (no_standby, {"data processing servers": "dps2 does not (dps2: /v1/status: 503)"}),
        (none_active, {"data processing servers": "dps1 fenced, dps2 standby"}),
        (one_gateway, {"gateways of dc1": "gw2 does not", "queues of the gateways": "gw2 does not"}),
        (stuck_queue, {"queues of the gateways": "gw1 1000 events wait, the oldest for 120.0 s"}),
        (held_twice, {f"virtual IP of dc1 for {who}": "held by lb1, lb2" for who in ("collectors", "users")}),
        (held_by_nobody, {f"virtual IP of dc1 for {who}": "held by nobody" for who in ("collectors", "users")}),
        (no_primary, {"database": "no server accepts writes"}),
        (full_disk, {"disk of db1": "9% of 100 GiB free"}),
    ],
)
def test_what_high_availability_lacks_is_named(
    broken: Callable[[World], None], named: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of("ha", monkeypatch)
    broken(world)
    found = unready(world)
    assert found.keys() == named.keys()
    assert all(text in found[name] for name, text in named.items())


def test_the_points_of_distributed_high_availability(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of("distributed-ha", monkeypatch)
    assert [found.name for found in one_instance.findings(world.inventory)][-7:] == [
        "database", "majority of the configuration store", "synchronous standby", "disk of dc1-db1", "disk of dc2-db1",
        "global load balancer", "link dc1-dc2",
    ]  # fmt: skip
    store = point(world, "majority of the configuration store")
    assert "3 of 3 answer" in store.found
    assert "dc1-etcd1 leads" in store.found
    assert point(world, "link dc1-dc2").found == "median 2.20 ms, p99 2.20 ms, slowest 9.00 ms of 200 connections"


def one_store_member(world: World) -> None:
    world.down |= {node.name for node in world.inventory.of_role("etcd")} - {"dc1-etcd1"}


def no_store_leader(world: World) -> None:
    world.leaders = set()


def two_of_three(world: World) -> None:
    world.down.add("dc2-etcd1")


def no_synchronous_standby(world: World) -> None:
    world.standby = ""


def slow_link(world: World) -> None:
    world.trips = [5.1] * 200


def inconsistent_link(world: World) -> None:
    world.trips = [2.0] * 195 + [20.0] * 5


def busy_machine(world: World) -> None:
    inconsistent_link(world)
    world.late = 9.0


def silent_link(world: World) -> None:
    world.trips = [2.0] * 195 + [UNANSWERED] * 5


def site_is_down(world: World) -> None:
    world.up["dc2"] = False


STORE = "majority of the configuration store"


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (one_store_member, {STORE: "1 of 3 answer (dc1-etcd1)"}),
        (no_store_leader, {STORE: "none leads"}),
        (two_of_three, {}),
        (no_synchronous_standby, {"synchronous standby": "none"}),
        (slow_link, {"link dc1-dc2": "median 5.10 ms"}),
        (inconsistent_link, {"link dc1-dc2": "median 2.00 ms, p99 20.00 ms"}),
        (busy_machine, {}),
        (silent_link, {"link dc1-dc2": "median 2.00 ms, p99 no answer, slowest no answer of 200"}),
        (site_is_down, {"global load balancer": "dc2 is down"}),
    ],
)
def test_what_distributed_high_availability_lacks_is_named(
    broken: Callable[[World], None], named: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of("distributed-ha", monkeypatch)
    broken(world)
    found = unready(world)
    assert found.keys() == named.keys()
    assert all(text in found[name] for name, text in named.items())
