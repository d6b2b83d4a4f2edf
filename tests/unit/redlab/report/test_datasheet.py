"""The datasheet shows every fault, proves what it may, and fails when it must."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from redlab.measure.single_point import SinglePoint
from redlab.report import datasheet, files
from redlab.results.campaign import summarise
from redlab.results.datasheet import Datasheet, FailOn, StackSheet, Unproven
from redlab.results.documents import from_document
from redlab.results.matrix import Cell, Matrix, Row
from tests.support.unit.outcomes import ABORTED, CAMPAIGN, FAILED, HOSTILE, NEVER, PASSED

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
        (sheet(GOOD, summarise([ABORTED])), 3, 3),
        (sheet(GOOD, unproven=(Unproven("dps-crash", "no DPS"),)), 3, 3),
    ],
)
def test_it_fails_on_what_it_is_told_to(made: Datasheet, on_objective: int, on_prediction: int) -> None:
    assert made.exit_code(FailOn.OBJECTIVE) == on_objective
    assert made.exit_code(FailOn.PREDICTION) == on_prediction


def test_a_fault_that_lost_something_is_named_and_one_run_bounds_nothing() -> None:
    lossy = replace(FAILED, scenario="site-isolation")
    told = [line for line in datasheet.markdown(sheet(GOOD, summarise([lossy]))).splitlines() if " in 1 run" in line]
    assert told == ["- site-isolation: 1 event lost in 1 run."]
    alone = datasheet.markdown(sheet(summarise([PASSED])))
    assert "- Each fault: no event lost in 1 run, too few for a bound on the loss rate." in alone
    ten = datasheet.markdown(sheet(summarise([PASSED] * 10), summarise([lossy])))
    assert "- Each other fault: no event lost in 10 runs: with 95 % confidence, data is lost in at most 30%" in ten


def test_every_fault_is_in_every_form(tmp_path: Path) -> None:
    made = sheet(GOOD, summarise([NEVER]), unproven=(Unproven("site-loss", "the link is gone"),))
    folder = tmp_path / "reports"
    written = files.write_datasheet(made, folder)
    assert sorted(path.name for path in written) == ["datasheet.html", "datasheet.json", "datasheet.md", "junit.xml"]
    markdown, page = (folder / "datasheet.md").read_text(), (folder / "datasheet.html").read_text()
    for text in (markdown, page):
        assert "never" in text
        assert "not run: the link is gone" in text
        assert "Single points of failure by the topology: db1." in text
        assert "no event lost in 2 runs" in text
    assert "| passed (2 of 2 passed) |" in re.sub(r"dps-crash \| ", "| ", markdown)
    assert page.count("<svg") == 1
    assert not re.search(r"https?:|\bsrc\s*=", page)
    document = json.loads((folder / "datasheet.json").read_text())
    assert from_document(document["stacks"][0]["campaigns"][0]) == GOOD
    suites = ElementTree.fromstring((folder / "junit.xml").read_bytes())
    assert (suites.get("tests"), suites.get("failures"), len(suites)) == ("3", "1", 2)


def test_what_did_not_pass_or_was_late_says_why_and_what_the_disk_did() -> None:
    late = replace(PASSED, within_prediction=False, warnings=("this machine's disk stalled",))
    for form in (datasheet.markdown, datasheet.page):
        told = form(sheet(summarise([PASSED, late]), summarise([ABORTED])))
        assert html.unescape(told).count("run 2, passed: took longer than predicted; this machine's disk stalled.") == 1
        assert html.unescape(told).count(f"{ABORTED.scenario}, aborted: {'; '.join(ABORTED.reasons)}.") == 1
        assert "longer than predicted" not in form(sheet(GOOD))


def test_hostile_text_stays_text() -> None:
    page = datasheet.page(sheet(GOOD, unproven=(Unproven(HOSTILE, HOSTILE),), stack=HOSTILE))
    assert "<script" not in page


def with_matrix() -> Datasheet:
    found = replace(
        PASSED, fault=replace(PASSED.fault, target="db1"), single_point=SinglePoint(("user", "processing"), 4.0)
    )
    rows = (
        Row(
            "node",
            "db1",
            ("db1",),
            (
                Cell("crash", "database-crash", named=True, campaign=GOOD),
                Cell("hang", "node-hang db1", campaign=summarise([replace(found, scenario="node-hang db1")])),
                Cell("cut", "node-cut db1", why="the engine is gone"),
                Cell("planned"),
            ),
        ),
        Row("link", HOSTILE, (HOSTILE,), (Cell("cut", why="it has no links"),)),
    )
    (one,) = sheet(GOOD).sheets
    return Datasheet("2026-01-01T00:00:00+00:00", 90.0, (replace(one, matrix=Matrix(rows)),))


def test_the_matrix_is_in_every_form(tmp_path: Path) -> None:
    files.write_datasheet(with_matrix(), tmp_path)
    markdown, page = (tmp_path / "datasheet.md").read_text(), (tmp_path / "datasheet.html").read_text()
    for text in (markdown, page):
        assert "passed: 2.050 s (≤ 5.800 s), 0 lost [database-crash]" in text
        assert "single point of failure (user, processing): 2.050 s (≤ 5.800 s), 0 lost" in text
        assert "not run: the engine is gone" in text
        assert "Single points of failure found: db1; by the topology: db1." in text
        assert "Equivalent nodes are represented by the tested one" in text
    assert "### Fault matrix\n\n| what fails | stands for | crash | hang | cut | planned |\n|---|---|" in markdown
    assert "<script" not in page
    (stack,) = json.loads((tmp_path / "datasheet.json").read_text())["stacks"]
    matrix = stack["fault_matrix"]
    assert (matrix["single_points_found"], matrix["disagreements"]) == (["db1"], [])
    crash, hang, cut, planned = matrix["rows"][0]["cells"]
    assert (crash["outcome"], crash["scenario"], crash["services_away"]) == ("passed", "database-crash", [])
    assert (hang["outcome"], hang["services_away"]) == ("single point of failure", ["user", "processing"])
    assert (cut["outcome"], cut["why"], planned["scenario"]) == (None, "the engine is gone", None)
    assert [campaign["scenario"] for campaign in stack["campaigns"]] == ["dps-crash", "node-hang db1"]
    assert stack["unproven"] == [{"scenario": "node-cut db1", "why": "the engine is gone"}]
    suites = ElementTree.fromstring((tmp_path / "junit.xml").read_bytes())
    assert [suite.get("name") for suite in suites] == ["redlab drill ha dps-crash", "redlab drill ha node-hang db1"]


def test_without_a_matrix_there_is_none() -> None:
    assert datasheet.document(sheet(GOOD))["stacks"][0]["fault_matrix"] is None
    assert "Fault matrix" not in datasheet.page(sheet(GOOD))


def test_a_disagreement_is_a_prediction_missed() -> None:
    (one,) = with_matrix().sheets
    assert one.matrix is not None
    agreed = replace(one, matrix=Matrix(tuple(replace(row, cells=row.cells[:2]) for row in one.matrix.rows)))
    made = Datasheet("", 1.0, (agreed,))
    assert (made.exit_code(FailOn.OBJECTIVE), made.exit_code(FailOn.PREDICTION)) == (0, 0)
    otherwise = Datasheet("", 1.0, (replace(agreed, single_points=()),))
    assert (otherwise.exit_code(FailOn.OBJECTIVE), otherwise.exit_code(FailOn.PREDICTION)) == (0, 1)
    assert "Disagreement: db1 was found to be" in datasheet.markdown(otherwise)


def test_a_drill_of_the_matrix_that_could_not_be_run_leaves_it_unproven() -> None:
    assert with_matrix().exit_code(FailOn.OBJECTIVE) == 3
