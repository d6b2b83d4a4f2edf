"""What is kept of a drill, and the trend of many."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from redlab.advice.evidence import measured
from redlab.cli import application
from redlab.errors import RedlabError
from redlab.measure.analysis import analyse
from redlab.results import logbook
from redlab.results.logged import LoggedDrill, logged, to_entry, trends
from redlab.stack import records
from redundancy.reading import DocumentError
from tests.support.unit.samples import record

RESULT = analyse(record())
DRILL = logged(RESULT)


def run(number: int, rto_seconds: float | None, **changes: object) -> LoggedDrill:
    changed = {"started_at": f"2026-01-01T00:{number:02}:00+00:00", "rto_seconds": rto_seconds, **changes}
    return replace(DRILL, **changed)  # type: ignore[arg-type]


def test_a_drill_is_kept_and_read_back() -> None:
    assert RESULT.measured is not None
    assert DRILL.rto_seconds == RESULT.measured.rto_seconds
    assert records.record({**json.loads(json.dumps(to_entry(DRILL))), "added_later": 1}, LoggedDrill, "line 1") == DRILL


def test_why_a_drill_failed_is_kept_and_older_entries_have_no_reasons() -> None:
    failed = run(1, None, verdict="failed", reasons=("3 acknowledged events lost",))
    entry = json.loads(json.dumps(to_entry(failed)))
    assert records.record(entry, LoggedDrill, "line 1") == failed
    del entry["reasons"]
    assert records.record(entry, LoggedDrill, "line 1").reasons == ()


def test_the_recent_ones_are_set_against_those_before() -> None:
    (trend,) = trends([run(number, 1.0) for number in range(5)] + [run(number, 2.0) for number in range(5, 15)])
    assert (trend.runs, trend.recent_median_seconds, trend.worst_seconds, trend.change) == (15, 2.0, 2.0, 2.0)
    assert trend.loss_rate_bound == pytest.approx(0.2)
    assert trend.last_at.startswith("2026-01-01T00:14")


def test_without_earlier_ones_there_is_no_trend() -> None:
    (trend,) = trends([run(0, 1.0)])
    assert (trend.change, trend.loss_rate_bound) == (None, 1.0)


def test_losses_and_runs_that_never_recovered_are_not_hidden() -> None:
    (trend,) = trends([run(0, 1.0), run(1, None, verdict="failed", lost_events=3), run(2, 9.0, verdict="aborted")])
    assert (trend.passed, trend.failed, trend.aborted) == (1, 1, 1)
    assert (trend.worst_seconds, trend.lost_events, trend.loss_rate_bound) == (None, 3, None)


def test_what_the_drills_of_a_pattern_say_for_an_advice() -> None:
    drills = [run(0, 1.0), run(1, 3.0, scenario="worst"), run(2, 9.0, verdict="aborted"), run(3, 7.0, pattern="Other")]
    found = measured(DRILL.pattern, drills)
    assert found is not None
    assert (found.drills, found.scenario, found.worst_rto_seconds) == (2, "worst", 3.0)
    never = measured(DRILL.pattern, [*drills, run(4, None, verdict="failed", lost_events=2)])
    assert never is not None
    assert (never.worst_rto_seconds, never.lost_events) == (None, 2)
    assert measured("Nobody's", drills) is None


def test_each_scenario_of_each_pattern_by_itself() -> None:
    found = trends([run(0, 1.0), run(1, 1.0, scenario="other"), run(2, 1.0, pattern="Another")])
    assert len(found) == 3


def test_the_logbook_survives_a_line_that_was_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "FILE", tmp_path / "history" / "drills.jsonl")
    assert logbook.read() == []
    logbook.add(RESULT)
    logbook.add(RESULT)
    assert logbook.read() == [DRILL, DRILL]
    with logbook.FILE.open("a") as file:
        file.write('{"drill_id": "cut')
    assert logbook.read() == [DRILL, DRILL]
    with logbook.FILE.open("a") as file:
        file.write(" off\n")
    with pytest.raises(RedlabError, match=r"drills.jsonl:3: .*the line is not an entry for a drill"):
        logbook.read()


@pytest.mark.parametrize("line", [b"[]", b"7", b"\xff", b'{"drill_id": 7}', b"[" * 9000, b"9" * 5000, b""])
def test_a_line_of_the_logbook_that_is_no_drill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    monkeypatch.setattr(logbook, "FILE", tmp_path / "drills.jsonl")
    logbook.add(RESULT)
    with logbook.FILE.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises((RedlabError, DocumentError), match=r"drills\.jsonl:2"):
        logbook.read()


def test_a_drill_is_listed_by_the_name_that_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "FILE", tmp_path / "drills.jsonl")

    def listed() -> Result:
        return CliRunner().invoke(application(["history"]), ["history", "site-loss", "--format", "json"])

    refused = listed().exception
    assert isinstance(refused, RedlabError)
    assert "site-loss-manual or site-loss-automatic" in str(refused)
    logbook.add(replace(RESULT, scenario="site-loss"))
    logbook.add(RESULT)
    assert [drill["scenario"] for drill in json.loads(listed().stdout)["drills"]] == ["site-loss"]
