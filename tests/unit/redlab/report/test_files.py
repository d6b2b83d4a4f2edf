import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from redlab.measure.result import DrillResult
from redlab.report import files
from redlab.results.campaign import CampaignResult
from redlab.results.documents import ResultError, from_document
from tests.support.unit.outcomes import OUTCOMES, PASSED, RECORD

NAMES = ["result.json", "junit.xml", "report.html"]


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))
def test_the_files_are_written(outcome: DrillResult | CampaignResult, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "report"
    paths = files.write(outcome, folder, [RECORD])
    struck = isinstance(outcome, DrillResult) and outcome.timeline is not None
    names = [*NAMES, *(["timeline.svg"] if struck else [])]
    assert paths == [folder / name for name in names]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert all(ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg" for path in paths[3:])
    assert from_document(json.loads(paths[0].read_text(encoding="utf-8"))) == outcome
    assert ET.parse(paths[1]).getroot().tag == "testsuites"
    assert paths[2].read_text(encoding="utf-8").startswith("<!doctype html>")


def test_writing_again_replaces(tmp_path: Path) -> None:
    files.write(OUTCOMES["failed"], tmp_path)
    files.write(PASSED, tmp_path)
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["verdict"] == "passed"


def test_the_files_are_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    modes = {path.stat().st_mode for path in [*files.write(PASSED, tmp_path), tmp_path / "other"]}
    assert len(modes) == 1


def test_nothing_is_written_when_one_cannot_be_made(tmp_path: Path) -> None:
    assert PASSED.measured is not None
    bad = replace(PASSED, measured=replace(PASSED.measured, lost_events=-1))
    with pytest.raises(ResultError):
        files.write(bad, tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_a_file_in_the_way_stays_and_leaves_no_rest(tmp_path: Path) -> None:
    (tmp_path / "result.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        files.write(PASSED, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]
