"""Nothing runs with more rights than it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support.lab.wiring import NET_ADMIN, NET_RAW, capabilities, processes, unconfined

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi

BALANCER = NET_ADMIN | NET_RAW


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
    assert unconfined(ha_lab) == []


def test_rights_would_be_seen() -> None:
    root = {"CapPrm": "00000000a80425fb", "CapEff": "0" * 16, "CapAmb": "0" * 16, "CapBnd": "0" * 16}
    assert capabilities(root) != {0}
