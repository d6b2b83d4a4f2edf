"""What an upgrade declares and runs, and that a broken image leaves everything as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from redlab import engine
from redlab.engine import Container
from redlab.engine.model import Image
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes.node_state import NodeState
from redlab.stack.declaration import planned_inventory, validated
from redlab.stack.pulumi import Stack
from redlab.upgrade import rollout
from redlab.upgrade.broken import UpgradeError
from redlab.upgrade.rollout import Rollout
from tests.support.fake_engine import FakeEngine, running
from tests.support.unit.inventories import inventory_of

HA = inventory_of("ha")
NEW = {"gateway": "a/gateway:2"}
OF_GW1 = {"sites": {"dc1": {"gateways": {"nodes": {"gw1": {"image": "a/gateway:2"}}}}}}


@dataclass
class Pulumi:
    """A stack whose `up` gives every node the image that is declared then; with ``broken`` none gets ready."""

    overrides: dict[str, Any] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    ups: int = 0
    asked: int = 0
    declared: list[Mapping[str, Any]] = field(default_factory=list)

    def config(self, _: Stack) -> Mapping[str, Any]:
        return {"redundancy:overrides": self.overrides}

    def set_overrides(self, _: Stack, wanted: Mapping[str, Any]) -> None:
        self.overrides = json.loads(json.dumps(wanted))
        self.declared.append(self.overrides)

    def up(self, stack: Stack, look: Callable[[], None] = lambda: None) -> None:
        self.ups += 1
        inventory = planned_inventory(validated(stack.name, self.config(stack)))
        self.running = {node["name"]: node["image"] for node in inventory["nodes"]}
        look()
        if self.broken in self.running.values():
            raise UpgradeError("gw1: not ready after 10 s")

    def outputs(self, stack: Stack) -> Mapping[str, Any]:
        self.asked += 1
        return {"inventory": planned_inventory(validated(stack.name, self.config(stack)))}

    def container(self, node: Node) -> Container:
        return running(node.container, image=self.running.get(node.name, ""))


@pytest.fixture
def pulumi(monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    made = Pulumi(broken="none")
    for name in ("config", "set_overrides", "up", "outputs"):
        # Methods of the stack, which is their first argument.
        method = getattr(made, name)
        monkeypatch.setattr(Stack, name, lambda stack, *a, _method=method, **k: _method(stack, *a, **k))
    fake = FakeEngine().used(monkeypatch)
    monkeypatch.setattr(fake, "image", Image)
    monkeypatch.setattr(engine, "container", made.container)
    states = [NodeState(n.name, n.role, n.site, "healthy", "", 0, "") for n in HA.nodes]
    monkeypatch.setattr(rollout, "node_states", lambda _: states)
    return made


def test_a_node_is_declared_then_made_anew_and_done(pulumi: Pulumi) -> None:
    changes, (first, second) = Rollout(HA, NEW), HA.of_role("gateway")
    assert not changes.done([first])
    assert pulumi.asked == 0, "it is not even declared"
    changes.replace([first])
    assert (pulumi.overrides, pulumi.ups) == (OF_GW1, 1)
    assert changes.done([first]) == "gw1: done before"
    assert not changes.done([first, second])
    assert changes.done(HA.of_role("dataProcessingServer")) == "no node of these images"


def test_in_the_end_the_image_is_declared_for_its_role(pulumi: Pulumi) -> None:
    changes = Rollout(HA, NEW)
    for node in HA.of_role("gateway"):
        changes.replace([node])
    assert not changes.settled()
    changes.settle()
    assert pulumi.overrides == {"images": NEW}
    assert pulumi.ups == 2, "nothing is to be made anew, so nobody waits for another `pulumi up`"
    assert changes.settled() == "declared for the whole lab"


def test_what_was_not_made_anew_is_when_it_is_declared_for_its_role(pulumi: Pulumi) -> None:
    changes = Rollout(HA, NEW)
    changes.replace([HA.node("gw1")])
    changes.settle()
    assert (pulumi.overrides, pulumi.ups) == ({"images": NEW}, 2)
    assert (pulumi.running["gw1"], pulumi.running["gw2"]) == ("a/gateway:2", "a/gateway:2")


def test_a_declared_image_that_pulumi_has_not_brought_is_not_done(
    pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi.overrides = OF_GW1
    pulumi.running = {"gw1": "a/gateway:2"}
    before = {"inventory": planned_inventory(validated(HA.lab, {}))}
    monkeypatch.setattr(Stack, "outputs", lambda _: before)
    assert not Rollout(HA, NEW).done([HA.node("gw1")])


def test_a_declared_image_that_is_not_running_is_not_done(pulumi: Pulumi) -> None:
    changes = Rollout(HA, NEW)
    changes.replace(HA.of_role("gateway"))
    pulumi.running["gw2"] = "a/gateway:1"
    assert not changes.done(HA.of_role("gateway"))


def test_a_broken_image_is_taken_back(pulumi: Pulumi) -> None:
    pulumi.broken = "a/gateway:2"
    said: list[str] = []
    with pytest.raises(UpgradeError, match=r"gw1: not ready after 10 s\. It was reverted: gw1 run what they ran"):
        Rollout(HA, NEW, say=said.append).replace([HA.node("gw1")])
    assert pulumi.declared == [OF_GW1, {}]
    assert (pulumi.ups, set(pulumi.running.values())) == (2, {""})
    assert said == ["broken: gw1: not ready after 10 s; reverting it"]


def test_also_what_an_interrupted_command_had_declared(pulumi: Pulumi) -> None:
    pulumi.broken, pulumi.overrides = "a/gateway:2", OF_GW1
    with pytest.raises(UpgradeError):
        Rollout(HA, NEW).replace([HA.node("gw1")])
    assert pulumi.overrides == {}


def test_an_upgrade_is_taken_back_node_by_node(pulumi: Pulumi) -> None:
    changes = Rollout(HA, NEW)
    changes.replace(HA.of_role("gateway"))
    back = Rollout(HA, {"gateway": ""})
    assert not back.done([HA.node("gw1")])
    back.replace([HA.node("gw1")])
    assert (pulumi.running["gw1"], pulumi.running["gw2"]) == ("", "a/gateway:2")
    assert back.done([HA.node("gw1")])
    back.settle()
    assert (pulumi.overrides, back.settled()) == ({}, "declared for the whole lab")


def test_a_way_back_that_fails_is_no_broken_image(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RedlabError("pulumi up ended with 255")

    monkeypatch.setattr(Stack, "up", fail)
    with pytest.raises(RedlabError, match="ended with 255") as caught:
        Rollout(HA, {"gateway": ""}).replace([HA.node("gw1")])
    assert not isinstance(caught.value, UpgradeError)
