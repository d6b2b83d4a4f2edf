"""Every scenario once, through the command line, as a CI job runs it."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.stacks.commands import passed_drill

from redlab.drills.scenarios import of_pattern
from redlab.laboratory import Laboratory
from redlab.pulumi import Stack

pytestmark = pytest.mark.pulumi


@pytest.mark.parametrize("scenario", [scenario.name for scenario in of_pattern("HighAvailability")])
def test_scenario(ha_lab: Laboratory, scenario: str, tmp_path: Path) -> None:
    result = passed_drill(ha_lab.inventory.lab, scenario, "--report", str(tmp_path))
    measured = result["measured"]
    assert sum(phase["seconds"] for phase in result["phases"]) == pytest.approx(measured["rto_seconds"], abs=0.001)
    assert json.loads((tmp_path / "result.json").read_text()) == result
    assert ET.parse(tmp_path / "junit.xml").getroot().get("failures") == "0"
    assert "<svg" in (tmp_path / "report.html").read_text()


def test_drills_leave_no_change(ha_lab: Laboratory) -> None:
    Stack(ha_lab.inventory.lab).run("preview", "--refresh", "--expect-no-changes", "--stack", ha_lab.inventory.lab)


def test_drills_set_the_controller_back(ha_lab: Laboratory) -> None:
    assert ha_lab.management.health().automatic_failover is False
