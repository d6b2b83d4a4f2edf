from __future__ import annotations

from typing import Any

import pytest

from redlab_provider import schema
from redlab_provider.diff import Difference, diff
from redlab_provider.traits import CONTAINER, IMAGE, NETWORK
from redlab_provider.wire import UNKNOWN
from tests.support.provider.golden import EDITS, GOLDEN, RESOURCES, apply, expected

WHEN = ("afterCreate", "afterRefresh")


def official(resource: str, when: str = "afterRefresh") -> tuple[schema.Resource, dict[str, Any], dict[str, Any]]:
    recorded = GOLDEN[when][resource]
    return schema.resources()[recorded["type"]], recorded["outputs"], recorded["inputs"]


def node(news: dict[str, Any], drift: dict[str, Any] | None = None, ignored: tuple[str, ...] = ()) -> Difference:
    kind, outputs, inputs = official("node")
    return diff(kind, outputs | (drift or {}), inputs, inputs | news, ignored)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("resource", RESOURCES)
def test_a_stack_of_the_official_plugin_needs_no_change(resource: str, when: str) -> None:
    kind, outputs, inputs = official(resource, when)
    assert not diff(kind, outputs, inputs, inputs).changes


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_an_edit_is_planned_as_by_the_official_plugin(edit: str) -> None:
    change = EDITS[edit]
    kind, outputs, inputs = official(change.resource)
    found = diff(kind, outputs, inputs, apply(change, inputs))
    plan = expected(edit, change.resource)
    assert found.replaces == plan["replaceReasons"]
    assert found.names == plan["diffReasons"]
    assert bool(found.replaces) == (GOLDEN["changes"][edit][change.resource]["op"] == "replace")


def test_every_recorded_edit_is_replayed() -> None:
    assert set(EDITS) == set(GOLDEN["changes"])


def test_an_image_that_will_be_built_anew_replaces_the_container() -> None:
    found = node({"image": UNKNOWN})
    assert found.replaces == expected("triggers", "node")["replaceReasons"]
    assert found.names == expected("triggers", "node")["diffReasons"]


def test_a_stopped_container_that_must_run_is_an_update_that_the_program_did_not_ask_for() -> None:
    found = node({}, drift={"mustRun": False})
    assert [(change.name, change.replaces, change.from_inputs) for change in found.changes] == [
        ("mustRun", False, False)
    ]


def test_ignored_changes_are_no_changes_even_when_the_object_drifted() -> None:
    assert not node({"envs": ["A=2"]}, {"mustRun": False}, ignored=("mustRun", "envs[0]")).changes


@pytest.mark.parametrize(
    "same",
    [
        {"envs": ["B=two words", "A=1"]},
        {"capabilities": {"adds": ["NET_ADMIN"], "drops": ["cap_mknod"]}},
        {"healthcheck": {"tests": ["CMD-SHELL", "test -f /hi"], "interval": "1000ms", "timeout": "2s", "retries": 3}
         | {"startPeriod": "5s"}},
        {"user": "0", "workingDir": ""},
        {"privileged": False, "tty": False},
        {"deviceCgroupRules": []},
    ],
)  # fmt: skip
def test_other_spellings_of_a_value_are_no_change(same: dict[str, Any]) -> None:
    assert not node(same).changes


@pytest.mark.parametrize(
    ("name", "given", "default"),
    [
        ("devices", {"hostPath": "/dev/net/tun", "containerPath": "/dev/net/tun"}, {"permissions": "rwm"}),
        ("deviceRequests", {"deviceIds": ["nvidia.com/gpu=all"]}, {"driver": "cdi"}),
    ],
)
def test_an_empty_value_is_the_default(name: str, given: dict[str, Any], default: dict[str, Any]) -> None:
    kind = schema.resources()[CONTAINER]
    wanted, empty = {name: [given | default]}, {name: [given | dict.fromkeys(default, "")]}
    for state, old in ((empty, {name: [given]}), (wanted, {name: [given]}), (empty, wanted), (empty, empty)):
        assert not diff(kind, state, old, wanted).changes
        assert not diff(kind, state, old, {name: [given]}).changes
    other = {name: [given | dict.fromkeys(default, "r")]}
    assert diff(kind, wanted, wanted, other).replaces == [name]
    assert diff(kind, other, other, {name: [given]}).replaces == [name]


def test_the_order_of_a_command_matters() -> None:
    assert node({"command": ["infinity", "sleep"]}).replaces == ["command"]


def test_a_removed_property_is_a_change() -> None:
    kind, outputs, inputs = official("node")
    without = {name: value for name, value in inputs.items() if name not in ("user", "cpuShares")}
    found = diff(kind, outputs | {"user": "1"}, inputs | {"user": "1"}, without)
    assert found.names == ["cpuShares", "user"]
    assert found.replaces == ["user"]


def test_values_that_the_engine_chose_are_no_change() -> None:
    kind, outputs, inputs = official("access")
    drifted = outputs | {"options": {"com.docker.network.bridge.name": "x"}, "ipv6": True}
    assert not diff(kind, drifted, inputs, inputs).changes


def test_part_of_a_build_can_force_a_new_image() -> None:
    kind, outputs, inputs = official("image")
    assert kind.token == IMAGE
    assert diff(kind, outputs, inputs, inputs | {"build": inputs["build"] | {"target": "x"}}).replaces == ["build"]
    removed = diff(kind, outputs, inputs, inputs | {"build": inputs["build"] | {"remove": False}})
    assert (removed.names, removed.replaces) == (["build"], [])
    assert diff(kind, outputs, inputs, inputs | {"keepLocally": False}).replaces == []


def test_a_fixed_name_is_deleted_before_it_is_replaced_and_a_generated_one_is_not() -> None:
    assert node({"envs": []}).delete_before_replace
    assert not node({"__defaults": ["name"]}).delete_before_replace
    assert not node({"name": "other"}).delete_before_replace


def test_a_new_image_is_made_before_the_old_one_is_removed() -> None:
    kind, outputs, inputs = official("image")
    assert not diff(kind, outputs, inputs, inputs | {"triggers": {}}).delete_before_replace


def test_a_gateway_that_the_engine_fills_in_is_no_change() -> None:
    kind, outputs, inputs = official("site")
    assert kind.token == NETWORK
    filled = [outputs["ipamConfigs"][0] | {"gateway": "10.91.7.1"}]
    assert not diff(kind, outputs | {"ipamConfigs": filled}, inputs, inputs).changes


def test_labels_are_compared_as_a_set() -> None:
    kind = schema.resources()[CONTAINER]
    one, two = {"label": "a", "value": "1"}, {"label": "b", "value": "2"}
    assert not diff(kind, {"labels": [one, two]}, {"labels": [one, two]}, {"labels": [two, one]}).changes
    assert diff(kind, {"labels": [one]}, {"labels": [one]}, {"labels": [one, two]}).replaces == ["labels"]
