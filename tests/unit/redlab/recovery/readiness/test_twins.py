"""Readiness of twin instances: each point as it is when all is well, and when it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from redlab.control import global_load_balancer
from redlab.control.global_load_balancer import Routing
from redlab.drift import databases
from redlab.drift.differences import Difference
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import disk, exchange, http, virtual_ip
from redlab.recovery.readiness import twins
from tests.support.unit.inventories import inventory_of


@dataclass
class World:
    """What each node answers; a test changes one thing."""

    inventory: Inventory
    silent: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    waiting: int = 3

    def get(self, node: Node, _: int, path: str) -> Any:
        if node.name in self.down:
            raise RedlabError(f"{node.name}: {path}: 503")
        told = {"peer_silent": node.site in self.silent, "sent_events": 7, "received_events": 8}
        state = "active" if node.name.endswith("dps1") else "standby"
        return {"state": state, "exchange": told, "pending_events": 0, "oldest_age_seconds": 0.0}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(inventory_of("business-continuity"))
    every = {site: set(virtual_ip.addresses(world.inventory, site).values()) for site in world.inventory.data_centers}
    monkeypatch.setattr(http, "get", world.get)
    monkeypatch.setattr(virtual_ip, "held", lambda _, site: {f"{site}-lb1": every[site], f"{site}-lb2": set()})
    monkeypatch.setattr(disk, "room", lambda _: (2**30, 2**29))
    monkeypatch.setattr(databases, "differences", lambda _: world.differences)
    monkeypatch.setattr(exchange, "open_events", lambda *_: world.waiting)
    monkeypatch.setattr(
        global_load_balancer, "routing", lambda _: Routing("dc1", "dc1", False, {"dc1": True, "dc2": True})
    )
    return world


def unready(world: World) -> dict[str, str]:
    return {found.name: found.found for found in twins.findings(world.inventory) if not found.ready}


def test_twins_that_are_well_are_ready(world: World) -> None:
    assert unready(world) == {}
    names = [found.name for found in twins.findings(world.inventory)]
    assert {"drift of the configuration", "exchange of dc1", "exchange of dc2", "backlog of the exchange"} <= {*names}
    assert {"queues of the gateways", "data processing servers of dc2"} <= {*names}


def drifted(world: World) -> None:
    world.differences = [Difference("alert", "cpu", {"over": 90}, None)]


def unheard(world: World) -> None:
    world.silent.add("dc2")


def backlog(world: World) -> None:
    world.waiting = twins.MAXIMUM_BACKLOG_EVENTS


def no_spare_server(world: World) -> None:
    world.down.add("dc2-dps2")


def nobody_active(world: World) -> None:
    world.down.add("dc1-dps1")


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (drifted, {"drift of the configuration": "1 differ: alert cpu"}),
        (unheard, {"exchange of dc2": "dc2-dps1: silence"}),
        (backlog, {"backlog of the exchange": "1000 events wait"}),
        (no_spare_server, {"data processing servers of dc2": "dc2-dps2 does not"}),
        (nobody_active, {"data processing servers of dc1": "dc1-dps1 does not", "exchange of dc1": "no server is"}),
    ],
)
def test_what_twins_lack_is_named(world: World, broken: Callable[[World], None], named: dict[str, str]) -> None:
    broken(world)
    found = unready(world)
    assert found.keys() == named.keys()
    assert all(text in found[name] for name, text in named.items())
