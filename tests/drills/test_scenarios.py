"""Drills of one site, one of them through the command line, as a CI job runs it; faults leave no trace."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.support.drills.cover import drills_of
from tests.support.drills.results import drilled, drilled_by_command
from tests.support.stacks.states import connections

from redlab.control.lab import Laboratory
from redlab.stack.pulumi import Stack

pytestmark = pytest.mark.pulumi


def connected(lab: Laboratory) -> dict[str, Any]:
    """Which networks each node is connected to, and how."""
    return {node.name: connections(lab, node.name) for node in lab.inventory.nodes}


@drills_of("ha")
def test_drill(ha_lab: Laboratory, title: str, tmp_path: Path) -> None:
    before = connected(ha_lab)
    if title == "dps-crash":
        result = drilled_by_command(ha_lab, title, "--report", str(tmp_path))
        assert json.loads((tmp_path / "result.json").read_text()) == result
        assert ET.parse(tmp_path / "junit.xml").getroot().get("failures") == "0"
        assert "<svg" in (tmp_path / "report.html").read_text()
    else:
        result = drilled(ha_lab, title)
    assert sum(phase["seconds"] for phase in result["phases"]) == pytest.approx(
        result["measured"]["rto_seconds"], abs=0.001
    )
    assert connected(ha_lab) == before
    if title.endswith(" db1"):
        assert result["single_point"]["services"] == ["user", "processing"], "collection goes on"
    if title.startswith("node-cut "):
        assert "connected to no network" in result["fault"]["evidence"]


def test_drills_leave_no_change(ha_lab: Laboratory) -> None:
    Stack(ha_lab.inventory.lab).run("preview", "--refresh", "--expect-no-changes", "--stack", ha_lab.inventory.lab)


def test_drills_set_the_controller_back(ha_lab: Laboratory) -> None:
    assert ha_lab.management.health().automatic_failover is False
