"""Practice: what counts, of which lab it is, and how old it may be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer
from typer.testing import CliRunner

from redlab import engine
from redlab.cli import application
from redlab.commands import site_failover
from redlab.commands.site_failover import ProcedureOptions
from redlab.errors import RedlabError
from redlab.output import Format
from redlab.recovery.readiness import practised
from redlab.results import logbook, practice
from tests.support.unit.inventories import inventory_of
from tests.support.unit.two_instances import replaced, replicated

DAY = 86400.0


@pytest.fixture(autouse=True)
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(logbook, "PRACTICES", tmp_path / "practices.jsonl")
    monkeypatch.setattr(logbook, "FILE", tmp_path / "drills.jsonl")
    monkeypatch.setattr(engine, "made_at", lambda _: 1000.0)
    monkeypatch.setattr(engine, "now", lambda: 2000.0)
    return tmp_path


def test_practice_is_that_of_the_lab_that_was_there_then(monkeypatch: pytest.MonkeyPatch) -> None:
    dr, other = inventory_of("dr"), inventory_of("distributed-ha")
    assert not practised.finding(dr).ready
    practice.add(dr, "failover, guided", "dc2", 61.25)
    found = practised.finding(dr)
    assert (found.ready, found.found) == (True, "0.0 days ago: failover, guided to dc2, 61.2 s")
    assert not practised.finding(other).ready
    # The lab is destroyed, and made anew under the same name.
    monkeypatch.setattr(engine, "made_at", lambda _: 3000.0)
    assert practised.finding(dr).found == "no failover was practised since this lab was made"
    assert practice.of_lab(dr) == []


@pytest.mark.parametrize(("days", "ready"), [(89.0, True), (91.0, False)])
def test_practice_gets_old(days: float, ready: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    dr = inventory_of("dr")
    practice.add(dr, "drill production-loss", "", 4.5)
    monkeypatch.setattr(engine, "now", lambda: 2000.0 + days * DAY)
    found = practised.finding(dr)
    assert (found.ready, found.found) == (ready, f"{days} days ago: drill production-loss, 4.5 s")


def test_it_is_asked_for_where_a_failover_is_a_procedure() -> None:
    stacks = ("ha", "distributed-ha", "dr", "business-continuity")
    assert [practised.is_needed(inventory_of(stack)) for stack in stacks] == [False, True, True, False]


def test_a_lab_was_made_when_the_oldest_of_its_things_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    made = {"networks": ["2026-11-30T13:45:00.123456789Z", "2026-11-30T15:00:00.5+01:00"], "volumes": []}
    named = {"Id": "x", "Name": "x"}
    api = SimpleNamespace(
        networks=lambda filters: [{**named, "Created": at} for at in made["networks"]],
        volumes=lambda filters: {"Volumes": [{**named, "CreatedAt": at} for at in made["volumes"]]},
        info=lambda: {"SystemTime": "2026-11-30T13:46:00.25Z"},
    )
    connected = engine.Engine(lambda: cast("Any", SimpleNamespace(api=api)))
    monkeypatch.setattr(engine, "of", lambda *_: connected)
    assert engine.now() - engine.made_at(inventory_of("dr")) == pytest.approx(60.126544, abs=1e-5)
    made["volumes"] = ["2026-11-30T13:44:00Z"]
    assert engine.now() - engine.made_at(inventory_of("dr")) == pytest.approx(120.25)
    made["networks"] = made["volumes"] = []
    with pytest.raises(RedlabError, match="nothing of lab dr is there"):
        engine.made_at(inventory_of("dr"))


def carried_through(*, pause: bool = False, dry_run: bool = False) -> None:
    with replaced(replicated()) as lab:
        site_failover.run(lab, "failover", "dc2", ProcedureOptions(dry_run, pause, Format.JSON), planned=False)


def test_a_failover_that_was_carried_through_counts() -> None:
    carried_through()
    (kept,) = logbook.practices()
    assert (kept.stack, kept.at, kept.how, kept.to) == ("dr", 2000.0, "failover", "dc2")


def test_a_guided_one_counts_at_its_end_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def go_on(*_: object, **__: object) -> bool:
        asked.append(1)
        if len(asked) == 4:
            raise typer.Abort
        return True

    monkeypatch.setattr(typer, "confirm", go_on)
    with pytest.raises(typer.Abort):
        carried_through(pause=True)
    assert logbook.practices() == []
    carried_through(pause=True)
    assert [kept.how for kept in logbook.practices()] == ["failover, guided"]


def moved_nothing() -> None:
    with replaced(replicated()) as lab:
        site_failover.run(lab, "switchover", "dc1", ProcedureOptions(False, False, Format.JSON), planned=True)


@pytest.mark.parametrize("nothing", [lambda: carried_through(dry_run=True), moved_nothing])
def test_what_moved_nothing_does_not_count(nothing: Callable[[], None]) -> None:
    nothing()
    assert logbook.practices() == []


def listed(*options: str) -> str:
    done = CliRunner().invoke(application(["history"]), ["history", *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_history_lists_what_was_practised() -> None:
    practice.add(inventory_of("dr"), "switchover", "dc2", 6.6)
    assert "switchover" in listed()
    assert "1970-01-01T00:33:20+00:00" in listed()
    assert '"how": "switchover"' in listed("--stack", "dr", "--format", "json")
    assert '"how"' not in listed("--stack", "ha", "--format", "json")
