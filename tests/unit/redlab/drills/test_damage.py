"""What a drill breaks ends by itself, is proven, and is reverted: without an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from redlab.drills.damage import Damage, proof
from redlab.drills.scenarios import find
from redlab.drills.targets import Hit
from redlab.errors import RedlabError
from redlab.faults import healing, link_fault, node_fault
from redlab.faults.fault import Fault
from redlab.faults.journal import Entry
from redlab.faults.way import Way
from redlab.model.inventory import Node
from redlab.predict.fault_kinds import CRASH, CUT, HANG
from tests.support.unit.inventories import inventory_of

LAB = inventory_of("distributed-ha")
GATEWAY = LAB.node("dc1-gw1")


@dataclass
class Made:
    """The faults that were asked for: kind, what was hit, after how many seconds they end."""

    nodes: list[tuple[str, tuple[str, ...], float]] = field(default_factory=list)
    ways: list[tuple[str, tuple[Way, ...], float]] = field(default_factory=list)
    healed: list[Entry] = field(default_factory=list)


def fault(node: Node, evidence: str = "exited") -> Fault:
    return Fault(Entry(node.name, "x", "crash", node.name, node.container, 0.0), node, 1.0, evidence)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()

    def of_nodes(_: str, kind: str, nodes: Sequence[Node], seconds: float) -> list[Fault]:
        made.nodes.append((kind, tuple(node.name for node in nodes), seconds))
        return [fault(node) for node in nodes]

    def of_ways(_: Any, kind: str, ways: Sequence[Way], seconds: float) -> list[Fault]:
        made.ways.append((kind, tuple(ways), seconds))
        return [fault(LAB.node("wan1"))]

    monkeypatch.setattr(node_fault, "inject", of_nodes)
    monkeypatch.setattr(link_fault, "inject", of_ways)
    monkeypatch.setattr(healing, "heal_all", made.healed.extend)
    return made


def damage(scenario: str = "gateway-hang", **changes: Any) -> Damage:
    return Damage(LAB, replace(find(scenario, LAB.pattern), **changes), lambda: 40.0)


def test_nodes_and_links_are_broken_in_the_scenarios_way_or_in_another(made: Made) -> None:
    broken = damage()
    assert not broken.done
    broken.make(Hit("dc1-gw1", (GATEWAY,)))
    broken.make(Hit("dc1-dc2", ways=(Way("dc1-dc2"),)), CUT)
    assert [(kind, hit) for kind, hit, _ in made.nodes] == [(HANG.name, ("dc1-gw1",))]
    assert [(kind, hit) for kind, hit, _ in made.ways] == [(CUT.name, (Way("dc1-dc2"),))]
    assert broken.done


@pytest.mark.parametrize("heal_after_seconds", [None, 2.0])
def test_a_fault_outlasts_the_drill_and_ends_by_itself_all_the_same(
    made: Made, heal_after_seconds: float | None
) -> None:
    damage(heal_after_seconds=heal_after_seconds).make(Hit("dc1-gw1", (GATEWAY,)))
    ((_, _, seconds),) = made.nodes
    assert (heal_after_seconds or 40.0) < seconds < 300


def test_what_is_broken_beforehand_outlasts_what_is_broken_later(made: Made) -> None:
    broken = damage()
    broken.make_beforehand(Hit("witness-etcd1", (LAB.node("witness-etcd1"),)), CRASH)
    broken.make(Hit("dc1-gw1", (GATEWAY,)))
    first, second = made.nodes
    assert (first[0], second[0]) == (CRASH.name, HANG.name)
    assert first[2] > second[2]


def test_every_fault_is_reverted(made: Made) -> None:
    broken = damage()
    broken.make(Hit("dc1-gw1", (GATEWAY,)))
    broken.make(Hit("dc1-dc2", ways=(Way("dc1-dc2"),)), CUT)
    broken.heal()
    assert [entry.node for entry in made.healed] == ["dc1-gw1", "wan1"]


def test_one_fault_that_did_not_land_proves_nothing() -> None:
    assert proof([fault(GATEWAY, "a"), fault(GATEWAY, "b")]) == "a; b"
    with pytest.raises(RedlabError, match="the fault did not land: dc1-gw1 is still well"):
        proof([fault(LAB.node("dc1-gw2")), fault(GATEWAY, "")])
