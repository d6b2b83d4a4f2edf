from __future__ import annotations

from typing import Any

import pytest

from redlab_provider import schema
from redlab_provider.check import check
from redlab_provider.traits import CONTAINER, IMAGE, NETWORK, VOLUME
from redlab_provider.wire import UNKNOWN, Secret
from tests.support.provider.golden import GOLDEN, RESOURCES, program_inputs


def failures(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    found = check(schema.resources()[token], inputs, {}, "it", b"seed")[1]
    return {item.path: item.reason for item in found}


@pytest.mark.parametrize("resource", RESOURCES)
def test_inputs_and_defaults_are_those_of_the_official_plugin(resource: str) -> None:
    recorded = GOLDEN["afterCreate"][resource]
    inputs, found = check(schema.resources()[recorded["type"]], program_inputs(resource), {}, resource, b"seed")
    assert not found
    assert inputs == recorded["inputs"]


@pytest.mark.parametrize(
    ("token", "inputs", "path", "reason"),
    [
        (CONTAINER, {"image": "x", "imag": "x"}, "imag", "unknown property"),
        (CONTAINER, {}, "image", "required"),
        (CONTAINER, {"image": 5}, "image", "must be a string, not an integer"),
        (CONTAINER, {"image": "x", "memory": "64"}, "memory", "must be an integer, not a string"),
        (CONTAINER, {"image": "x", "memory": True}, "memory", "must be an integer, not a boolean"),
        (CONTAINER, {"image": "x", "memory": 1.5}, "memory", "must be an integer, not a number"),
        (CONTAINER, {"image": "x", "envs": "A=1"}, "envs", "must be a list, not a string"),
        (CONTAINER, {"image": "x", "envs": ["A"]}, "envs[0]", "KEY=VALUE"),
        (CONTAINER, {"image": "x", "command": ["a", 1]}, "command[1]", "must be a string"),
        (CONTAINER, {"image": "x", "command": [""]}, "command[0]", "must not be empty"),
        (CONTAINER, {"image": "x", "sysctls": {"a": 1}}, "sysctls.a", "must be a string"),
        (CONTAINER, {"image": "x", "ports": [{"external": 1}]}, "ports[0].internal", "required"),
        (CONTAINER, {"image": "x", "ports": [{"internal": 70000}]}, "ports[0].internal", "port number"),
        (CONTAINER, {"image": "x", "ports": [{"internal": 1, "protocol": "x"}]}, "ports[0].protocol", "one of tcp"),
        (CONTAINER, {"image": "x", "ports": [{"internal": 1, "x": 1}]}, "ports[0].x", "known are external, internal"),
        (CONTAINER, {"image": "x", "restart": "sometimes"}, "restart", "one of no, on-failure"),
        (CONTAINER, {"image": "x", "name": "a b"}, "name", "letters, digits"),
        (CONTAINER, {"image": "x", "memorySwap": -2}, "memorySwap", "at least -1"),
        (CONTAINER, {"image": "x", "healthcheck": {"interval": "soon"}}, "healthcheck.interval", "not a duration"),
        (CONTAINER, {"image": "x", "uploads": [{"file": "/a"}]}, "uploads[0]", "exactly one of content"),
        (CONTAINER, {"image": "x", "uploads": [{"file": "a", "content": ""}]}, "uploads[0].file", "absolute"),
        (
            CONTAINER,
            {"image": "x", "uploads": [{"file": "/a", "contentBase64": "%"}]},
            "uploads[0].contentBase64",
            "base64",
        ),
        (
            CONTAINER,
            {"image": "x", "uploads": [{"file": "/a", "content": "", "permissions": "777"}]},
            "uploads[0].permissions",
            "0644",
        ),
        (
            CONTAINER,
            {"image": "x", "networksAdvanced": [{"name": "n", "ipv4Address": "fe80::1"}]},
            "networksAdvanced[0].ipv4Address",
            "IPv4",
        ),
        (
            CONTAINER,
            {"image": "x", "networksAdvanced": [{"name": "n", "gwPriority": 1}]},
            "networksAdvanced[0].gwPriority",
            "not supported",
        ),
        (
            CONTAINER,
            {"image": "x", "volumes": [{"hostPath": "a", "containerPath": "/a"}]},
            "volumes[0].hostPath",
            "abs",
        ),
        (CONTAINER, {"image": "x", "volumes": [{"volumeName": "a"}]}, "volumes[0]", "containerPath"),
        (CONTAINER, {"image": "x", "mounts": [{"target": "/a", "type": "nfs"}]}, "mounts[0].type", "one of bind"),
        (NETWORK, {"ipamConfigs": [{"subnet": "10.0.0.1/24"}]}, "ipamConfigs[0].subnet", "host bits"),
        (NETWORK, {"ipamConfigs": [{"gateway": "x"}]}, "ipamConfigs[0].gateway", "IP address"),
        (CONTAINER, {"image": "x", "logs": True}, "logs", "not supported"),
        (CONTAINER, {"image": "x", "attach": True, "restart": "always"}, "attach", "never comes"),
        (CONTAINER, {"image": "x", "gpus": "device=0"}, "gpus", "must be all"),
        (IMAGE, {"name": "a", "build": {"context": ".", "cpuQuota": 1}}, "build.cpuQuota", "not supported"),
        (NETWORK, {"name": ""}, "name", "empty"),
        (VOLUME, {"name": "/data"}, "name", "letters"),
        (VOLUME, {"cluster": {}}, "cluster", "swarm"),
        (IMAGE, {"name": "a", "build": {}}, "build.context", "required"),
        (IMAGE, {"name": "a", "build": {"context": ".", "sbom": "x"}}, "build.sbom", "BuildKit"),
        (IMAGE, {"name": "a", "build": {"context": "."}, "pullTriggers": ["x"]}, "pullTriggers", "conflicts"),
    ],
)
def test_a_fault_is_reported_with_its_place(token: str, inputs: dict[str, Any], path: str, reason: str) -> None:
    found = failures(token, inputs)
    assert list(found) == [path]
    assert reason in found[path]


def test_a_message_never_holds_the_value() -> None:
    found = failures(CONTAINER, {"image": "x", "envs": Secret("hunter2"), "ports": [{"internal": Secret("hunter2")}]})
    assert set(found) == {"envs", "ports[0].internal"}
    assert "hunter2" not in str(found)


def test_unknown_values_break_no_rule() -> None:
    inputs = {
        "name": UNKNOWN,
        "image": UNKNOWN,
        "restart": UNKNOWN,
        "envs": [UNKNOWN, Secret(UNKNOWN)],
        "ports": [{"internal": UNKNOWN}],
        "uploads": [{"file": UNKNOWN, "content": UNKNOWN}],
        "volumes": UNKNOWN,
        "healthcheck": {"tests": UNKNOWN, "interval": UNKNOWN},
    }
    assert not failures(CONTAINER, inputs)


def test_a_name_is_generated_once_and_then_kept() -> None:
    network = schema.resources()[NETWORK]
    first, found = check(network, {}, {}, "site", b"one seed")
    assert not found
    assert first["name"].startswith("site-")
    assert len(first["name"]) == len("site-") + 7
    assert "name" in first["__defaults"]
    again, _ = check(network, {}, first, "site", b"another seed")
    assert again == first


def test_a_name_that_the_program_removes_is_not_kept() -> None:
    network = schema.resources()[NETWORK]
    named, _ = check(network, {"name": "mine"}, {}, "site", b"seed")
    assert named["__defaults"] == ["ipamDriver"]
    unnamed, _ = check(network, {}, named, "site", b"seed")
    assert unnamed["name"] != "mine"


def test_secrets_stay_secret_in_checked_inputs() -> None:
    uploads = [{"file": "/a", "content": Secret("hunter2")}]
    inputs, found = check(schema.resources()[CONTAINER], {"image": "x", "uploads": uploads}, {}, "it", b"seed")
    assert not found
    assert inputs["uploads"][0]["content"] == Secret("hunter2")
