"""Every scenario once, through the command line, as a CI job runs it."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from redlab import checkout
from redlab.drills.scenario import of_pattern
from redlab.laboratory import Laboratory
from redlab.measure.documents import validate
from redlab.pulumi import Stack

pytestmark = pytest.mark.pulumi


@pytest.mark.parametrize("scenario", [scenario.name for scenario in of_pattern("HighAvailability")])
def test_scenario(ha_lab: Laboratory, scenario: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["./redlab", "drill", ha_lab.inventory.lab, scenario, "--format", "json", "--report", str(tmp_path)],
        cwd=checkout.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    result = json.loads(done.stdout)
    validate(result)
    measured = result["measured"]
    assert result["verdict"] == "passed"
    assert result["within_prediction"] is True
    assert measured["acknowledged_events"] > 100
    assert measured["lost_events"] == 0
    assert measured["duplicate_events"] == 0
    assert measured["dual_primary_seconds"] == 0
    assert measured["redundancy_restored_seconds"] is not None
    assert sum(phase["seconds"] for phase in result["phases"]) == pytest.approx(measured["rto_seconds"], abs=0.001)
    assert json.loads((tmp_path / "result.json").read_text()) == result
    assert ET.parse(tmp_path / "junit.xml").getroot().get("failures") == "0"
    assert "<svg" in (tmp_path / "report.html").read_text()


def test_drills_leave_no_change(ha_lab: Laboratory) -> None:
    Stack(ha_lab.inventory.lab).run("preview", "--refresh", "--expect-no-changes", "--stack", ha_lab.inventory.lab)


def test_drills_set_the_controller_back(ha_lab: Laboratory) -> None:
    assert ha_lab.management.health().automatic_failover is False
