"""What `up` and `destroy` do about things on the engine that the state does not know."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

from redlab import engine
from redlab.commands import lifecycle
from redlab.control import gateway_removal
from redlab.doctor import reading
from redlab.engine import EngineError, Kind, Thing
from redlab.errors import RedlabError
from redlab.stack import pulumi
from redlab.stack.declaration import validated
from tests.support.unit.doctor_answers import SILENT, with_engine, with_machine
from tests.support.unit.inventories import inventory_of, inventory_of_text

_MADE = {"urn": "u", "id": "1", "type": "docker:index/container:Container", "outputs": {"name": "redlab-ha-1"}}
STATE = {"deployment": {"resources": [_MADE, {"urn": "component"}, {"urn": "i", "id": "image", "type": "image"}]}}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> pulumi.Stack:
    """A stack whose `pulumi up` fails, and whose state knows the thing of the id 1."""

    def run(stack: pulumi.Stack, *arguments: str, stdin: str | None = None) -> str:
        assert arguments[:2] == ("stack", "export")
        return json.dumps(STATE)

    def fail(stack: pulumi.Stack, look: object, *, refresh: bool) -> None:
        raise RedlabError("pulumi up ended with 255; its message is above")

    monkeypatch.setattr(pulumi.Stack, "run", run)
    monkeypatch.setattr(pulumi.Stack, "up", fail)
    monkeypatch.setattr(pulumi.Stack, "config", lambda stack: {"redundancy:owner": "me"})
    return pulumi.Stack("ha")


def on_the_engine(monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    things = [Thing(Kind.CONTAINER, each, f"redlab-ha-{each}") for each in ids]
    monkeypatch.setattr(engine, "labelled", lambda labels: things)


@pytest.mark.parametrize(("stack", "refused"), [("ha", False), ("distributed-ha", True)])
def test_a_machine_that_cannot_is_refused_in_the_doctors_words_as_far_as_it_concerns_the_lab(
    monkeypatch: pytest.MonkeyPatch, stack: str, refused: bool
) -> None:
    monkeypatch.setattr(reading, "facts", lambda: with_machine(tun=False))
    monkeypatch.setattr(engine, "labelled", lambda labels: [])
    topology = validated(stack, {})
    if not refused:
        lifecycle._refuse_a_machine_that_cannot(pulumi.Stack(stack), topology)
        return
    with pytest.raises(RedlabError, match=r"cannot run the lab.*\n/dev/net/tun: no /dev/net/tun: .*modprobe tun"):
        lifecycle._refuse_a_machine_that_cannot(pulumi.Stack(stack), topology)


def test_where_no_engine_answers_that_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "facts", lambda: with_engine(SILENT))
    with pytest.raises(RedlabError) as caught:
        lifecycle._refuse_a_machine_that_cannot(pulumi.Stack("ha"), validated("ha", {}))
    assert len(str(caught.value).splitlines()) == 2


def test_an_up_that_meets_what_a_killed_one_left_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack
) -> None:
    on_the_engine(monkeypatch, "1", "2")
    with pytest.raises(RedlabError, match=r"ended with 255.*\(redlab-ha-2\).*`\./redlab destroy ha`, then"):
        lifecycle._bring_up(made, inventory_of("ha"))


@pytest.mark.parametrize(
    ("ids", "looks"),
    [
        pytest.param([], False, id="a new lab"),
        pytest.param(["1", "gw1"], False, id="all that was made is there, and a node is new"),
        pytest.param(["gw1"], True, id="what was made is gone"),
    ],
)
def test_an_up_looks_first_where_something_was_removed_by_hand(
    monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack, capsys: pytest.CaptureFixture[str], ids: list[str], looks: bool
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(pulumi.Stack, "up", lambda stack, look, *, refresh: asked.append(refresh))
    on_the_engine(monkeypatch, *ids)
    lifecycle._bring_up(made, inventory_of("ha"))
    assert asked == [looks]
    assert ("created again: redlab-ha-1\n" in capsys.readouterr().err) is looks


def test_a_complete_lab_costs_no_look_at_the_state(monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack) -> None:
    inventory = inventory_of("ha")
    monkeypatch.setattr(pulumi.Stack, "made_things", lambda stack: pytest.fail("the state was read"))
    on_the_engine(monkeypatch, *(node.container.removeprefix("redlab-ha-") for node in inventory.nodes))
    assert lifecycle._removed_by_hand(made, inventory) == []


def test_an_up_that_fails_for_another_reason_says_only_that(
    monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack
) -> None:
    on_the_engine(monkeypatch, "1")
    with pytest.raises(RedlabError, match=r"its message is above$"):
        lifecycle._bring_up(made, inventory_of("ha"))


def test_an_engine_that_is_gone_does_not_hide_why_the_up_failed(
    monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack
) -> None:
    seen: list[object] = []

    def asked(labels: object) -> list[object]:
        """It goes while the `up` runs."""
        seen.append(labels)
        if len(seen) > 1:
            raise EngineError("connection refused")
        return []

    monkeypatch.setattr(engine, "labelled", asked)
    with pytest.raises(RedlabError, match=r"its message is above$"):
        lifecycle._bring_up(made, inventory_of("ha"))


def test_destroy_removes_what_the_state_does_not_know_before_the_rest(
    monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack
) -> None:
    done: list[str] = []
    on_the_engine(monkeypatch, "1", "2")
    monkeypatch.setattr(engine, "remove", lambda labels: done.append("engine"))
    for name in ("exists", "interrupted", "destroy"):
        monkeypatch.setattr(pulumi.Stack, name, lambda stack, name=name: done.append(name) or name == "exists")
    lifecycle.destroy("ha")
    assert done == ["exists", "interrupted", "engine", "destroy", "engine"]


class Running:
    """A lab of three gateways, of which the topology has two."""

    inventory = inventory_of_text("pattern: HighAvailability\nsites: {dc1: {gateways: {count: 3}}}\n")


@pytest.mark.parametrize("there", [["gw1", "gw2"], ["gw1", "gw2", "gw3"]])
def test_only_what_the_topology_has_no_more_is_emptied(
    monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack, there: list[str]
) -> None:
    things = [
        Thing(kind, name, name, {"io.redundancy-lab.node": name})
        for kind in (Kind.CONTAINER, Kind.VOLUME)
        for name in there
    ]
    monkeypatch.setattr(engine, "labelled", lambda labels: things)
    monkeypatch.setattr(lifecycle, "open_lab", lambda name: Running())
    emptied: list[str] = []
    monkeypatch.setattr(
        gateway_removal,
        "drained",
        lambda _, gateways: nullcontext(emptied.extend(each.name for each in gateways)),
    )
    with lifecycle._emptied(made, inventory_of("ha")):
        pass
    assert emptied == there[2:]


def test_another_pattern_is_refused_before_anything_changes(
    monkeypatch: pytest.MonkeyPatch, made: pulumi.Stack
) -> None:
    labels = {"io.redundancy-lab.node": "db1", "io.redundancy-lab.pattern": "HighAvailability"}
    things = [
        Thing(Kind.CONTAINER, "1", "1", labels),
        Thing(Kind.VOLUME, "2", "2", labels),
        Thing(Kind.NETWORK, "3", "3"),
    ]
    monkeypatch.setattr(engine, "labelled", lambda _: things)
    planned = {"lab": "ha", "nodes": [], "replication": None}
    lifecycle._refuse_incompatible_volumes(made, {**planned, "pattern": "HighAvailability"})
    with pytest.raises(RedlabError, match="lab ha is there as HighAvailability, and is to be BusinessContinuity"):
        lifecycle._refuse_incompatible_volumes(made, {**planned, "pattern": "BusinessContinuity"})


@pytest.mark.parametrize(("stack", "drill"), [("ha", "dps-crash"), ("dr-ucmdb", "gateway-crash")])
def test_up_names_a_drill_that_the_lab_can_run(stack: str, drill: str) -> None:
    assert lifecycle._first_drill(inventory_of(stack)) == drill
