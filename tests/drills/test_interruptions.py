"""Whatever ends a drill, the lab gets well again: by the drill itself, or by a command."""

import json
import signal
import subprocess

import pytest
from tests.support import docker_engine
from tests.support.stacks.states import well

from redlab import engine
from redlab.control.lab import Laboratory
from redlab.errors import ExitCode
from redlab.faults import journal
from redlab.stack import checkout
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
        states = [container.attrs["State"] for container in docker_engine.containers(lab.inventory).values()]
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
