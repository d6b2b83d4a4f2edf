"""Faults of any element of a lab: they leave no trace, end by themselves, and show single points of failure."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from tests.stacks.commands import passed_drill, redlab

from redlab import checkout, engine
from redlab.faults import endpoints, journal
from redlab.laboratory import Laboratory
from redlab.probes.node_state import all_ready
from redlab.pulumi import Stack
from redlab.waiting import until

pytestmark = pytest.mark.pulumi


def connections(lab: Laboratory, node: str) -> dict[str, Any]:
    """What the engine shows of a node's connections, apart from the identity of each, which a restart changes too."""
    shown = engine.container(lab.inventory.node(node)).attrs["NetworkSettings"]["Networks"]
    return {
        name: {key: value for key, value in endpoint.items() if key != "EndpointID"} for name, endpoint in shown.items()
    }


def well(lab: Laboratory) -> Callable[[], bool]:
    return lambda: all_ready(lab.inventory) and not journal.entries(lab.inventory.lab)


@pytest.mark.parametrize("node", ["gw1", "lb1"])
def test_a_cut_leaves_the_connections_as_they_were(ha_lab: Laboratory, node: str) -> None:
    before = connections(ha_lab, node)
    result = passed_drill(ha_lab.inventory.lab, "node-cut", "--node", node)
    assert result["single_point"] is None
    assert "connected to no network" in result["fault"]["evidence"]
    assert connections(ha_lab, node) == before
    Stack(ha_lab.inventory.lab).run("preview", "--refresh", "--expect-no-changes", "--stack", ha_lab.inventory.lab)


@pytest.mark.parametrize("fault", ["crash", "cut"])
def test_the_only_database_server_is_a_single_point_of_failure(ha_lab: Laboratory, fault: str) -> None:
    result = passed_drill(ha_lab.inventory.lab, f"node-{fault}", "--node", "db1")
    assert result["single_point"]["services"] == ["user", "processing"], "collection goes on"
    assert result["scenario"] == f"node-{fault} db1"


def test_what_has_another_beside_it_is_none(ha_lab: Laboratory) -> None:
    assert passed_drill(ha_lab.inventory.lab, "node-hang", "--node", "gw2")["single_point"] is None


def test_a_cut_ends_by_itself_when_its_maker_is_killed(ha_lab: Laboratory) -> None:
    before = connections(ha_lab, "gw1")
    program = (
        "import sys\n"
        "from redlab.faults import node_fault\n"
        "from redlab.laboratory import open_lab\n"
        "lab = open_lab(sys.argv[1])\n"
        "node_fault.inject(lab.inventory.lab, 'cut', [lab.inventory.node('gw1')], 3)\n"
        "print('broken', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [checkout.LAB / "venv" / "bin" / "python", "-c", program, ha_lab.inventory.lab],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as maker:
        assert maker.stdout is not None
        assert maker.stdout.readline() == b"broken\n"
        os.killpg(maker.pid, signal.SIGKILL)
    assert connections(ha_lab, "gw1") == {}
    assert until(well(ha_lab), 30)
    assert connections(ha_lab, "gw1") == before


@pytest.mark.parametrize("node", ["gw1", "lb1"])
def test_without_a_journal_heal_connects_what_lost_its_networks(ha_lab: Laboratory, node: str) -> None:
    before = connections(ha_lab, node)
    endpoints.disconnect(engine.container(ha_lab.inventory.node(node)))
    assert connections(ha_lab, node) == {}
    redlab("heal", ha_lab.inventory.lab)
    assert connections(ha_lab, node) == before
    assert well(ha_lab)()


def test_a_node_that_is_not_there_breaks_nothing(ha_lab: Laboratory) -> None:
    ended = redlab("drill", ha_lab.inventory.lab, "node-crash", "--node", "gw9", succeeds=False)
    assert ended.returncode == 2
    assert "no node 'gw9'" in ended.stderr
    assert well(ha_lab)()


def test_the_elements_are_listed() -> None:
    listed = json.loads(redlab("drill", "--list", "--format", "json").stdout)
    assert {"node-crash", "node-hang", "node-cut", "link-cut"} <= {scenario["scenario"] for scenario in listed}
