"""`redlab doctor`: what it prints, and what it ends with."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from redlab.cli import application
from redlab.doctor import reading
from redlab.doctor.examination import CHECKS
from redlab.doctor.facts import Facts
from redlab.errors import RedlabError
from tests.support.unit import doctor_answers as answers
from tests.support.unit.doctor_answers import HEALTHY, with_engine, with_machine


def run(monkeypatch: pytest.MonkeyPatch, facts: Facts, *arguments: str) -> tuple[object, str]:
    """What the command ends with, and what it prints on standard output."""
    monkeypatch.setattr(reading, "facts", lambda: replace(facts, routing=None))
    monkeypatch.setattr(reading, "thorough", lambda found: replace(found, routing=facts.routing))
    done = CliRunner().invoke(application(), ["doctor", *arguments])
    return done.exception or done.exit_code, done.stdout


@pytest.mark.parametrize("facts", [HEALTHY, with_engine(answers.ROOTLESS)], ids=["healthy", "degraded"])
def test_it_ends_with_0_when_nothing_is_broken(monkeypatch: pytest.MonkeyPatch, facts: Facts) -> None:
    assert run(monkeypatch, facts)[0] == 0


def test_it_ends_with_an_error_that_names_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, said = run(monkeypatch, with_machine(tun=False, netem=False), "--format", "json")
    assert isinstance(ended, RedlabError)
    assert (str(ended), ended.exit_code) == ("broken: /dev/net/tun, delays", 2)
    assert json.loads(said)["verdict"] == "broken"


def test_its_json_has_every_check_with_verdict_reason_and_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    _, said = run(monkeypatch, with_machine(available_mebibytes=1500), "--format", "json")
    document = json.loads(said)
    assert document["verdict"] == "degraded"
    assert [each["check"] for each in document["checks"]] == [check.name for check in CHECKS]
    assert [each for each in document["checks"] if each["verdict"] != "ok"] == [
        {
            "check": "memory",
            "verdict": "degraded",
            "found": "1500 MiB of memory are available; the smallest lab was measured at 363 MiB",
            "remedy": "Run one lab at a time.",
        }
    ]


def test_quickly_it_leaves_out_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    _, said = run(monkeypatch, HEALTHY, "--quick", "--format", "json")
    assert "routed packets" not in [each["check"] for each in json.loads(said)["checks"]]
