"""A lab gets well again by itself, by `redlab heal` or by `redlab up`; a drill that cannot be run breaks nothing.

No test here measures, so that others may run beside it.
"""

import json
import os
import signal
import subprocess

import pytest

from redlab import engine
from redlab.control.lab import Laboratory
from redlab.faults import endpoints, journal, node_fault
from redlab.probes import virtual_ip
from redlab.probes.node_state import unready
from redlab.stack import checkout
from redlab.waiting import until
from tests.support import docker_engine
from tests.support.stacks.commands import redlab
from tests.support.stacks.states import connections, well

pytestmark = pytest.mark.pulumi


@pytest.mark.campaign
@pytest.mark.parametrize("address", ["the same", "another"])
def test_a_load_balancer_that_was_connected_again_by_hand_can_hold_the_virtual_ips(
    ha_lab: Laboratory, address: str
) -> None:
    balancer = ha_lab.inventory.node("lb1")
    access = ha_lab.inventory.networks["access"].name
    network, container = docker_engine.client().networks.get(access), docker_engine.container(balancer)
    network.disconnect(container)
    network.connect(container, ipv4_address=balancer.addresses["access"] if address == "the same" else None)
    if address == "another":
        assert until(lambda: "lb1" in unready(ha_lab.inventory), 30), "healthy, though it can hold no virtual IP"
        redlab("heal", ha_lab.inventory.lab)
    assert until(well(ha_lab), 30)
    # The only one left.
    other = docker_engine.container(ha_lab.inventory.node("lb2"))
    other.pause()
    try:
        assert until(lambda: virtual_ip.holder(ha_lab.inventory, "dc1") == balancer, 30)
    finally:
        other.unpause()
    assert until(well(ha_lab), 30)


@pytest.mark.campaign
def test_a_node_that_was_removed_by_hand_is_brought_back_with_what_it_held(ha_lab: Laboratory) -> None:
    gateway = ha_lab.inventory.node("gw2")
    kept = "/var/lib/gateway/kept"
    engine.write_file(gateway, kept, b"before")
    docker_engine.container(gateway).remove(force=True)
    assert "gw2 missing" in redlab("heal", ha_lab.inventory.lab, succeeds=False).stderr
    assert f"created again: {gateway.container}\n" in redlab("up", ha_lab.inventory.lab).stderr
    assert engine.read_file(gateway, kept) == b"before"
    assert until(well(ha_lab), 30)


def test_a_second_drill_is_refused(ha_lab: Laboratory) -> None:
    with journal.exclusive(ha_lab.inventory.lab):
        done = subprocess.run(
            ["./redlab", "drill", ha_lab.inventory.lab, "gateway-crash"],
            cwd=checkout.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "a drill is running on lab" in done.stderr


def test_a_fault_ends_by_itself(ha_lab: Laboratory) -> None:
    gateway = ha_lab.inventory.of_role("gateway")[0]
    (fault,) = node_fault.inject(ha_lab.inventory.lab, "hang", [gateway], expires_after_seconds=1)
    assert fault.evidence
    assert until(well(ha_lab), 30), "nobody healed it, and it did not end"


@pytest.mark.parametrize("kind", ["crash", "cut"])
def test_a_fault_ends_by_itself_when_its_maker_is_killed(ha_lab: Laboratory, kind: str) -> None:
    gateway = ha_lab.inventory.of_role("gateway")[0]
    before = connections(ha_lab, gateway.name)
    program = (
        "import sys\n"
        "from redlab.faults import node_fault\n"
        "from redlab.control.lab import open_lab\n"
        "lab = open_lab(sys.argv[1])\n"
        "node_fault.inject(lab.inventory.lab, sys.argv[2], [lab.inventory.node(sys.argv[3])], 3)\n"
        "print('broken', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [checkout.LAB / "venv" / "bin" / "python", "-c", program, ha_lab.inventory.lab, kind, gateway.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as maker:
        assert maker.stdout is not None
        assert maker.stdout.readline() == b"broken\n"
        os.killpg(maker.pid, signal.SIGKILL)
    assert docker_engine.container(gateway).status == {"crash": "exited", "cut": "running"}[kind]
    assert (connections(ha_lab, gateway.name) == {}) == (kind == "cut")
    assert until(well(ha_lab), 30)
    assert connections(ha_lab, gateway.name) == before


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
