"""`redlab inspect` and `redlab heal` tell the truth about a queue that nobody takes anything out of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redlab.commands import heal, inspect
from redlab.control.automation import Automation
from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from redlab.output import Format
from redlab.probes import http, published
from redlab.recovery import two_instances
from redlab.stack import checkout
from tests.support.unit.inventories import inventory_of

FLOWS = {"pending_events": 3, "oldest_age_seconds": 0.2}
STUCK = {"pending_events": 131, "oldest_age_seconds": 120.0}
QUEUES: dict[str, dict[str, float]] = {}


@pytest.fixture(autouse=True)
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that is well but for what its gateways say of their queues."""
    opened = Laboratory(inventory_of("ha"), Management((), "token"))
    for module in (inspect, heal):
        monkeypatch.setattr(module, "open_lab", lambda stack: opened)
    monkeypatch.setattr(checkout, "RUN", tmp_path)
    monkeypatch.setattr(inspect, "node_states", lambda inventory: [])
    monkeypatch.setattr(published, "unanswered", lambda inventory: [])
    monkeypatch.setattr(two_instances, "resume", lambda lab: [])
    monkeypatch.setattr(residue, "heal", lambda lab: [])
    monkeypatch.setattr(heal, "DRAIN_SECONDS", 0.01)
    monkeypatch.setattr(http, "get", lambda node, port, path: QUEUES[node.name])
    QUEUES.update(gw1=FLOWS, gw2=FLOWS)


def inspected(capsys: pytest.CaptureFixture[str]) -> Any:
    inspect.inspect("ha", output=Format.JSON)
    return json.loads(capsys.readouterr().out)


def test_inspect_names_the_gateway(capsys: pytest.CaptureFixture[str]) -> None:
    assert {name: queue["stuck"] for name, queue in inspected(capsys)["queues"].items()} == {"gw1": False, "gw2": False}
    inspect.inspect("ha", output=Format.TABLE)
    assert "stuck" not in "".join(capsys.readouterr())
    QUEUES["gw2"] = STUCK
    assert inspected(capsys)["queues"]["gw2"] == {**STUCK, "stuck": True}
    inspect.inspect("ha", output=Format.TABLE)
    said = "".join(capsys.readouterr())
    assert "stuck in the queue of gw2: 131 events wait, the oldest for 120.0 s" in said
    assert "gw1" not in said


def test_heal_does_not_say_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    heal.heal("ha")
    assert "nothing to heal" in "".join(capsys.readouterr())
    QUEUES["gw2"] = STUCK
    with pytest.raises(RedlabError, match=r"data is stuck in queues: gw2: 131 events wait, the oldest for 120\.0 s"):
        heal.heal("ha")
    assert "nothing to heal" not in "".join(capsys.readouterr())


def test_inspect_says_what_a_killed_drill_has_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert inspected(capsys)["automation_before_a_killed_drill"] is None
    journal.remember_automation("ha", Automation(services=False))
    assert inspected(capsys)["automation_before_a_killed_drill"] == {"services": False, "clients": None}
    inspect.inspect("ha", output=Format.TABLE)
    assert "a killed drill changed this; before, automatic failover: off" in "".join(capsys.readouterr())
