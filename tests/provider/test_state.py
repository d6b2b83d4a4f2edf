from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from redlab_provider import container_import, container_request, container_state, container_update, discarded, schema
from redlab_provider.configuration import Configuration
from redlab_provider.diff import diff
from redlab_provider.engine import Engine
from redlab_provider.operation import Existing
from redlab_provider.resources import image, network, volume
from redlab_provider.resources.container import ContainerHandler
from redlab_provider.traits import CONTAINER, NETWORK
from tests.support.provider.golden import GOLDEN, INSPECTED, RESOURCES, state

if TYPE_CHECKING:
    from collections.abc import Callable

STATE_OF: dict[str, Callable[..., dict[str, Any]]] = {
    "access": network.state_of,
    "data": volume.state_of,
    "image": image.state_of,
    "node": container_state.state_of,
    "site": network.state_of,
}
MEBIBYTE = 1024 * 1024


def native(resource: str, *, refreshed: bool) -> dict[str, Any]:
    inputs = GOLDEN["afterCreate"][resource]["inputs"]
    return STATE_OF[resource](copy.deepcopy(INSPECTED[resource]), inputs, refreshed=refreshed)


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_state_after_create_is_that_of_the_official_plugin(resource: str) -> None:
    assert native(resource, refreshed=False) == state(resource, "afterCreate")


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_state_after_refresh_is_that_of_the_official_plugin(resource: str) -> None:
    assert native(resource, refreshed=True) == state(resource, "afterRefresh")


def container(**changes: Any) -> dict[str, Any]:
    inspected = copy.deepcopy(INSPECTED["node"])
    for part, values in changes.items():
        inspected[part] |= values
    return inspected


def node_inputs(**changes: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = GOLDEN["afterCreate"]["node"]["inputs"] | changes
    return inputs


def test_a_stopped_container_reads_as_not_running_and_keeps_its_ports() -> None:
    stopped = container(State={"Running": False, "Status": "exited", "ExitCode": 137}, NetworkSettings={"Ports": {}})
    found = container_state.state_of(stopped, node_inputs(), refreshed=True)
    assert (found["mustRun"], found["exitCode"]) == (False, 137)
    assert found["ports"] == state("node", "afterRefresh")["ports"]


def test_a_container_that_need_not_run_may_have_ended() -> None:
    ended = container(State={"Running": False, "Status": "exited", "ExitCode": 0})
    inputs = node_inputs(mustRun=False)
    found = container_state.state_of(ended, inputs, refreshed=True)
    assert not diff(schema.resources()[CONTAINER], found, inputs, inputs).changes


def test_limits_changed_outside_of_the_program_are_found() -> None:
    changed = container(HostConfig={"CpuShares": 1, "Memory": MEBIBYTE, "RestartPolicy": {"Name": "always"}})
    found = container_state.state_of(changed, node_inputs(), refreshed=True)
    drift = diff(schema.resources()[CONTAINER], found, node_inputs(), node_inputs())
    assert drift.names == ["cpuShares", "memory", "restart"]
    assert not drift.replaces


WITHOUT_CONTROLLERS = {"MemoryLimit": False, "SwapLimit": False, "CPUShares": False, "CPUSet": False}
"""Recorded: engine 28.5.2's report about itself on a cgroup v2 without controllers."""
WITHOUT_SWAP = {"MemoryLimit": True, "SwapLimit": False, "CPUShares": True, "CPUSet": True}
"""… and on cgroup v1 without swap accounting, the default of Debian 11's and Ubuntu's kernels."""
IGNORED = {"Memory": 0, "MemorySwap": -1, "MemoryReservation": 0, "CpuShares": 0}
"""Recorded: that engine's report about a container that was created with limits."""


@pytest.mark.parametrize(
    ("info", "host"),
    [(WITHOUT_CONTROLLERS, IGNORED), (WITHOUT_SWAP, {"MemorySwap": -1})],
    ids=["no controllers", "no swap"],
)
def test_limits_that_the_engine_ignores_are_no_permanent_change(info: dict[str, Any], host: dict[str, Any]) -> None:
    inputs = node_inputs(memorySwap=128)
    engine = EngineThatIgnores(container(HostConfig=host), info)
    operation: Any = SimpleNamespace(engine=engine)
    existing = Existing("1", {}, inputs)
    read = ContainerHandler().read(operation, existing)
    assert read is not None
    assert not diff(schema.resources()[CONTAINER], read.outputs, inputs, inputs).changes
    other = inputs | {"memory": 256, "memorySwap": 256, "cpuShares": 100} if info is WITHOUT_CONTROLLERS else inputs
    ContainerHandler().update(operation, existing, other | {"mustRun": False})
    assert engine.updates == []


def test_limits_that_the_engine_enforces_are_compared_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert discarded.limits(dict.fromkeys(WITHOUT_CONTROLLERS, True)) == frozenset()
    assert discarded.limits({}) == frozenset()
    engine = EngineThatIgnores(container(HostConfig={"CpuShares": 1, "MemorySwap": -1}), WITHOUT_SWAP)
    inputs = node_inputs(memorySwap=128)
    read = ContainerHandler().read(SimpleNamespace(engine=engine), Existing("1", {}, inputs))  # type: ignore[arg-type]
    assert read is not None
    assert diff(schema.resources()[CONTAINER], read.outputs, inputs, inputs).names == ["cpuShares"]


def test_a_warning_of_the_engine_is_shown_once() -> None:
    engine = EngineThatIgnores(container(), WITHOUT_SWAP)
    engine.warnings = ["Your kernel does not support swap limit capabilities, memory limited without swap."]
    said: list[str] = []
    operation: Any = SimpleNamespace(engine=engine, log=lambda message, *, warning: said.append(message))
    for name in ("a", "b"):
        ContainerHandler()._create(operation, name, {}, None)
    assert len(said) == 1
    assert engine.warnings[0] in said[0]


class EngineThatIgnores(Engine):
    """An engine with one container; it gives the recorded answers and notes the requested changes."""

    def __init__(self, inspected: dict[str, Any], info: dict[str, Any]) -> None:
        super().__init__(Configuration())
        self.updates: list[dict[str, Any]] = []
        self.warnings: list[str] = []
        self._client = SimpleNamespace(
            info=lambda: info,
            inspect_container=lambda name: copy.deepcopy(inspected),
            update_container=lambda name, **changes: self.updates.append(changes),
            create_container_from_config=lambda *described: {"Id": "1", "Warnings": self.warnings},
        )


def test_a_port_that_the_engine_chose_is_recorded() -> None:
    inputs = node_inputs(ports=[{"internal": 8080, "ip": "127.0.0.1", "protocol": "tcp"}])
    chosen = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "49153"}]}
    found = container_state.state_of(container(NetworkSettings={"Ports": chosen}), inputs, refreshed=False)
    assert found["ports"][0]["external"] == 49153
    assert not diff(schema.resources()[CONTAINER], found, inputs, inputs).changes


def test_the_spelling_of_the_program_is_kept() -> None:
    inputs = node_inputs(image="golden/node:latest", healthcheck={"tests": ["CMD-SHELL", "test -f /hi"]}
                         | {"interval": "1000ms", "timeout": "2s", "startPeriod": "5s", "retries": 3})  # fmt: skip
    found = container_state.state_of(container(Config={"Image": "golden/node:latest"}), inputs, refreshed=True)
    assert found["image"] == "golden/node:latest"
    assert found["healthcheck"]["interval"] == "1000ms"


def test_an_imported_container_has_the_inputs_that_would_make_it() -> None:
    inputs = container_import.inputs_of(container(), INSPECTED["image"])
    made = state("node", "afterRefresh")
    for name in ("name", "capabilities", "envs", "labels", "ports", "memory", "sysctls", "tmpfs", "init"):
        assert inputs[name] == made[name], name
    assert inputs["volumes"] == [{"containerPath": "/data", "volumeName": "golden-data"}]
    assert inputs["networksAdvanced"][1] == {
        "name": "golden-site",
        "aliases": ["n2", "n3"],
        "ipv4Address": "10.91.7.20",
    }
    assert not {"command", "runtime", "shmSize", "ipcMode", "platform", "start"} & set(inputs)
    found = container_state.state_of(container(), inputs, refreshed=True)
    assert not diff(schema.resources()[CONTAINER], found, inputs, inputs).changes


def test_rules_of_device_classes_reach_the_engine_and_are_read_back() -> None:
    rules = ["c 10:200 rwm", "b 8:* r"]
    body = container_request.create_body(node_inputs(deviceCgroupRules=rules), (1, 41))
    assert body["HostConfig"]["DeviceCgroupRules"] == rules
    read = container_state.engine_view(container(HostConfig={"DeviceCgroupRules": rules}))
    assert read["deviceCgroupRules"] == rules


def test_a_device_gets_the_defaults_of_missing_fields() -> None:
    inputs = node_inputs(devices=[{"hostPath": "/dev/fuse"}], deviceRequests=[{"deviceIds": ["x=1"], "driver": ""}])
    host = container_request.create_body(inputs, (1, 41))["HostConfig"]
    assert host["Devices"][0]["CgroupPermissions"] == "rwm"
    assert host["DeviceRequests"][0]["Driver"] == "cdi"


@pytest.mark.parametrize(
    ("subnet", "first"),
    [("10.219.78.0/24", "10.219.78.1"), ("10.0.0.128/25", "10.0.0.129"), ("fd00:1::/64", "fd00:1::1")],
)
def test_the_default_gateway_of_a_subnet_is_no_input(subnet: str, first: str) -> None:
    """Recorded: engine 29 (API 1.56) lists it in the network's configuration; 20.10 and 28.5.2 do not."""
    wanted = {"name": "golden-site", "internal": True, "ipamConfigs": [{"subnet": subnet}], "ipamDriver": "default"}
    for gateway, told in ((first, None), (f"{first}5", f"{first}5"), (None, None)):
        listed = {"Subnet": subnet} | ({"Gateway": gateway} if gateway else {})
        inspected = copy.deepcopy(INSPECTED["site"]) | {
            "Options": {},
            "IPAM": {"Driver": "default", "Config": [listed]},
        }
        outputs = network.state_of(inspected, {}, refreshed=True)
        inputs = network.inputs_of(outputs)
        assert inputs["ipamConfigs"][0].get("gateway") == told
        if told is None:
            assert not diff(schema.resources()[NETWORK], outputs, inputs, wanted).changes


def test_an_update_sends_only_what_differs() -> None:
    actual = state("node", "afterRefresh")
    assert container_update.arguments(actual, node_inputs(), node_inputs()) == {}
    assert container_update.arguments(actual, node_inputs(cpuShares=100), node_inputs()) == {"cpu_shares": 100}
    assert container_update.arguments(actual, node_inputs(restart="no"), node_inputs()) == {
        "restart_policy": {"Name": "no", "MaximumRetryCount": 0}
    }


def test_more_memory_raises_the_engines_default_swap_limit() -> None:
    changed = container_update.arguments(state("node", "afterRefresh"), node_inputs(memory=512), node_inputs())
    assert changed == {"mem_limit": 512 * MEBIBYTE, "memswap_limit": 1024 * MEBIBYTE}


def test_a_removed_limit_is_lifted() -> None:
    without = {name: value for name, value in node_inputs().items() if name != "cpuShares"}
    assert container_update.arguments(state("node", "afterRefresh"), without, node_inputs()) == {"cpu_shares": 1024}


def test_properties_that_docker_cannot_change_in_place_are_named() -> None:
    actual = state("node", "afterRefresh")
    slower = actual["healthcheck"] | {"interval": "2s"}
    assert container_update.unchangeable(actual, node_inputs()) == []
    assert container_update.unchangeable(actual, node_inputs(healthcheck=slower)) == ["healthcheck"]


def test_a_start_interval_is_only_sent_to_engines_that_know_it() -> None:
    inputs = node_inputs()
    assert "StartInterval" not in container_request.create_body(inputs, (1, 41))["Healthcheck"]
    assert "StartInterval" in container_request.create_body(inputs, (1, 44))["Healthcheck"]
