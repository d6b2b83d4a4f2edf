"""Whatever ends a drill, the lab gets well again: by the drill itself, by the fault's expiry, or by a command."""

import json
import os
import signal
import subprocess

import pytest
from tests.stacks.commands import redlab
from tests.stacks.states import connections, well

from redlab import checkout, engine
from redlab.errors import ExitCode
from redlab.faults import journal, node_fault
from redlab.laboratory import Laboratory
from redlab.probes import virtual_ip
from redlab.probes.node_state import unready
from redlab.waiting import until

pytestmark = pytest.mark.pulumi


def start_drill(lab: Laboratory, scenario: str) -> "subprocess.Popen[bytes]":
    """Start a drill and return when its fault has been made."""
    process = subprocess.Popen(
        ["./redlab", "drill", lab.inventory.lab, scenario],
        cwd=checkout.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def broken() -> bool:
        states = [container.attrs["State"] for container in engine.containers(lab.inventory).values()]
        return any(state["Paused"] or not state["Running"] for state in states)

    assert until(broken, 60), "the drill made no fault"
    return process


def loads(lab: Laboratory) -> int:
    """How many loads are running in the collectors."""
    count = ["/bin/sh", "-c", "cat /proc/[0-9]*/comm | grep -cx load || :"]
    return sum(int(engine.execute(node, count)) for node in lab.inventory.of_role("collector"))


def test_an_interrupted_drill_heals(ha_lab: Laboratory) -> None:
    """By SIGTERM: tests/unit/redlab/test_output.py shows that Ctrl-C does the same."""
    process = start_drill(ha_lab, "dps-hang")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=120) == ExitCode.ABORTED
    assert until(well(ha_lab), 30)
    assert ha_lab.management.health().automatic_failover is False


def test_a_killed_drill_is_healed_by_command(ha_lab: Laboratory) -> None:
    process = start_drill(ha_lab, "dps-crash")
    assert loads(ha_lab) == 1
    process.kill()
    process.wait()
    # It would be a part of what the next drill measures.
    assert until(lambda: loads(ha_lab) == 0, 10), "the load goes on"
    assert journal.entries(ha_lab.inventory.lab)
    # Automatic failover is on as the drill had it: that is said, and who looks changes nothing.
    inspect = ["./redlab", "inspect", ha_lab.inventory.lab, "--format", "json"]
    seen = json.loads(subprocess.run(inspect, cwd=checkout.ROOT, check=True, capture_output=True).stdout)
    assert seen["automation_before_a_killed_drill"] == {"services": False, "clients": None}
    subprocess.run(["./redlab", "heal", ha_lab.inventory.lab], cwd=checkout.ROOT, check=True, capture_output=True)
    assert well(ha_lab)()
    assert ha_lab.management.health().automatic_failover is False


@pytest.mark.campaign
@pytest.mark.parametrize("address", ["the same", "another"])
def test_a_load_balancer_that_was_connected_again_by_hand_can_hold_the_virtual_ips(
    ha_lab: Laboratory, address: str
) -> None:
    balancer = ha_lab.inventory.node("lb1")
    access = ha_lab.inventory.networks["access"]["name"]
    network, container = engine.client().networks.get(access), engine.container(balancer)
    network.disconnect(container)
    network.connect(container, ipv4_address=balancer.addresses["access"] if address == "the same" else None)
    if address == "another":
        assert until(lambda: "lb1" in unready(ha_lab.inventory), 30), "healthy, though it can hold no virtual IP"
        redlab("heal", ha_lab.inventory.lab)
    assert until(well(ha_lab), 30)
    # The only one left.
    other = engine.container(ha_lab.inventory.node("lb2"))
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
    engine.container(gateway).remove(force=True)
    assert "gw2 missing" in redlab("heal", ha_lab.inventory.lab, succeeds=False).stderr
    assert f"made again: {gateway.container}\n" in redlab("up", ha_lab.inventory.lab).stderr
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
        "from redlab.laboratory import open_lab\n"
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
    assert engine.container(gateway).status == {"crash": "exited", "cut": "running"}[kind]
    assert (connections(ha_lab, gateway.name) == {}) == (kind == "cut")
    assert until(well(ha_lab), 30)
    assert connections(ha_lab, gateway.name) == before
