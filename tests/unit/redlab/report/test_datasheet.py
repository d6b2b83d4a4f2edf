"""The datasheet shows every fault, proves what it may, and fails when it must."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.unit.redlab.report.outcomes import ABORTED, CAMPAIGN, HOSTILE, NEVER, PASSED

from redlab import checkout
from redlab.inventory import Inventory, parse
from redlab.measure.campaign import summarise
from redlab.measure.datasheet import Datasheet, FailOn, StackSheet, Unproven
from redlab.measure.documents import from_document
from redlab.report import datasheet, files
from redlab.single_points import single_points
from redundancy import inventory, loading, topology_file
from redundancy.addressing import AddressPlan
from redundancy.naming import Names

GOOD = summarise([PASSED, PASSED])
LATE = summarise([replace(PASSED, within_prediction=False)])


def sheet(*campaigns: object, unproven: tuple[Unproven, ...] = (), stack: str = "ha") -> Datasheet:
    one = StackSheet(stack, "HighAvailability", 8, tuple(campaigns), unproven, ("db1",))  # type: ignore[arg-type]
    return Datasheet("2026-01-01T00:00:00+00:00", 90.0, (one,))


@pytest.mark.parametrize(
    ("made", "on_objective", "on_prediction"),
    [
        (sheet(GOOD), 0, 0),
        (sheet(GOOD, LATE), 0, 1),
        (sheet(GOOD, CAMPAIGN), 1, 1),
        (sheet(GOOD, summarise([ABORTED])), 2, 2),
        (sheet(GOOD, unproven=(Unproven("dps-crash", "no DPS"),)), 2, 2),
    ],
)
def test_it_fails_on_what_it_is_told_to(made: Datasheet, on_objective: int, on_prediction: int) -> None:
    assert made.exit_code(FailOn.OBJECTIVE) == on_objective
    assert made.exit_code(FailOn.PREDICTION) == on_prediction


def test_every_fault_is_in_every_form(tmp_path: Path) -> None:
    made = sheet(GOOD, summarise([NEVER]), unproven=(Unproven("site-loss", "the link is gone"),))
    folder = tmp_path / "reports"
    written = files.write_datasheet(made, folder)
    assert sorted(path.name for path in written) == ["datasheet.html", "datasheet.json", "datasheet.md", "junit.xml"]
    markdown, page = (folder / "datasheet.md").read_text(), (folder / "datasheet.html").read_text()
    for text in (markdown, page):
        assert "never" in text
        assert "not run: the link is gone" in text
        assert "Single points of failure: db1." in text
        assert "no event lost in 2 runs" in text
    assert "| passed (2 of 2 passed) |" in re.sub(r"dps-crash \| ", "| ", markdown)
    assert page.count("<svg") == 1
    assert not re.search(r"https?:|\bsrc\s*=", page)
    document = json.loads((folder / "datasheet.json").read_text())
    assert from_document(document["stacks"][0]["campaigns"][0]) == GOOD
    suites = ElementTree.fromstring((folder / "junit.xml").read_bytes())
    assert (suites.get("tests"), suites.get("failures"), len(suites)) == ("3", "1", 2)


def test_hostile_text_stays_text() -> None:
    page = datasheet.page(sheet(GOOD, unproven=(Unproven(HOSTILE, HOSTILE),), stack=HOSTILE))
    assert "<script" not in page


def described(stack: str) -> Inventory:
    topology = loading.load(topology_file.read(checkout.STACKS, stack, {}), stack)
    return parse(inventory.inventory(topology, Names(stack, topology.pattern, ""), AddressPlan(topology)))


@pytest.mark.parametrize(
    ("stack", "points"),
    [("ha", ("db1",)), ("distributed-ha", ("glb1",)), ("dr", ("glb1",)), ("business-continuity", ("glb1",))],
)
def test_single_points_of_failure(stack: str, points: tuple[str, ...]) -> None:
    assert single_points(described(stack)) == points
