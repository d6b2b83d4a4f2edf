"""Readiness of High Availability, and its runbook, on the shared lab."""

from __future__ import annotations

import json

import pytest

from redlab import engine
from redlab.control.lab import Laboratory
from redlab.waiting import until
from tests.support import docker_engine
from tests.support.stacks.commands import redlab
from tests.support.stacks.runbooks import followed

pytestmark = pytest.mark.pulumi

RELEASE = "/usr/lib/os-release"


def unready(lab: Laboratory) -> dict[str, str]:
    done = redlab("readiness", lab.inventory.lab, "--format", "json", succeeds=False)
    said = json.loads(done.stdout)
    assert done.returncode == (0 if said["ready"] else 1)
    return {each["name"]: each["found"] for each in said["findings"] if not each["ready"]}


def test_what_a_failover_would_lack_is_named(ha_lab: Laboratory) -> None:
    lab = ha_lab
    assert until(lambda: unready(lab) == {}, 30, 1), unready(lab)
    active = lab.management.health().services.active
    standby = next(node for node in lab.inventory.of_role("dataProcessingServer") if node.name != active)
    gateway = lab.inventory.node("gw2")
    system = engine.read_file(gateway, RELEASE)
    engine.write_file(gateway, RELEASE, system.replace(b"Debian GNU/Linux", b"Another Linux"))
    docker_engine.container(standby).pause()
    try:
        found = unready(lab)
    finally:
        docker_engine.container(standby).unpause()
        engine.write_file(gateway, RELEASE, system)
    assert found.keys() == {
        "nodes",
        "data processing servers",
        "counterparts: dataProcessingServer",
        "counterparts: gateway",
    }
    assert f"{standby.name} does not" in found["data processing servers"]
    assert f"{standby.name} cannot be asked" in found["counterparts: dataProcessingServer"]
    assert found["counterparts: gateway"].startswith("gw2 has operating system Another Linux")


def test_the_runbook_is_true(ha_lab: Laboratory) -> None:
    """Somebody who has nothing but the runbook moves the services."""
    lab = ha_lab
    before = lab.management.health().services.active
    assert before
    written = followed(lab)
    assert written["production"] == before != written["failover"]
    assert lab.management.health().services.active == written["failover"]
    lab.management.reassign(before)
    assert until(lambda: lab.management.reachable_services().active == before, 30)
