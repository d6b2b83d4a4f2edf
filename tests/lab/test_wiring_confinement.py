"""Nothing runs with more rights than it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redlab import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testinfra.host import Host

    from redlab.laboratory import Laboratory

pytestmark = pytest.mark.pulumi

CAP_NET_ADMIN, CAP_NET_RAW = 1 << 12, 1 << 13
BALANCER = CAP_NET_ADMIN | CAP_NET_RAW


def processes(host: Host) -> Iterator[dict[str, str]]:
    """The processes of a container, as /proc/<pid>/status says; that of the test itself, `cat`, is among them."""
    for status in host.check_output("cat /proc/[0-9]*/status 2>/dev/null || true").split("Name:")[1:]:
        fields = (line.split(":", 1) for line in f"Name:{status}".splitlines() if ":" in line)
        yield {key: value.strip() for key, value in fields}


def capabilities(process: dict[str, str]) -> set[int]:
    """What a process may do or gain: its permitted, effective and ambient capabilities, and its bounding set."""
    return {int(process[key], 16) for key in ("CapPrm", "CapEff", "CapAmb", "CapBnd")}


def test_processes_have_no_root_and_no_capability(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    for node in (node for node in ha_lab.inventory.nodes if node.role != "loadBalancer"):
        found = list(processes(inside(node.name)))
        assert len(found) > 1, node.name
        for process in found:
            assert "0" not in process["Uid"].split(), (node.name, process["Name"])
            assert capabilities(process) == {0}, (node.name, process["Name"])
            assert process["NoNewPrivs"] == "1", (node.name, process["Name"])


@pytest.mark.parametrize("node", ["lb1", "lb2"])
def test_of_the_load_balancer_keepalived_alone_needs_capabilities(inside: Callable[[str], Host], node: str) -> None:
    found = {process["Name"]: process for process in processes(inside(node))}
    assert {"haproxy", "keepalived"} <= found.keys()
    assert all(process["NoNewPrivs"] == "1" for process in found.values())
    assert {int(process["CapBnd"], 16) for process in found.values()} == {BALANCER}
    assert int(found["keepalived"]["CapEff"], 16) == BALANCER
    assert {found["haproxy"][key] for key in ("CapPrm", "CapEff", "CapInh", "CapAmb")} == {"0" * 16}


def test_containers_are_confined(ha_lab: Laboratory) -> None:
    for name, container in engine.containers(ha_lab.inventory).items():
        host = container.attrs["HostConfig"]
        assert host["Privileged"] is False, name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["CapDrop"] == ["ALL"], name
        assert (host["PidMode"], host["UTSMode"], host["UsernsMode"]) == ("", "", ""), name
        assert host["NetworkMode"] != "host", name
        assert host["IpcMode"] == "private", name
        assert not host["Devices"], name
        # Named volumes alone: nothing of the machine's file system, and least of all the engine's socket.
        assert {mount["Type"] for mount in container.attrs["Mounts"]} <= {"volume", "tmpfs"}, name


def test_rights_would_be_seen() -> None:
    root = {"CapPrm": "00000000a80425fb", "CapEff": "0" * 16, "CapAmb": "0" * 16, "CapBnd": "0" * 16}
    assert capabilities(root) != {0}
