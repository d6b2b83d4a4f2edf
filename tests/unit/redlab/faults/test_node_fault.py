"""A node that cannot be made to hang at once is asked again, and what the engine cannot do is said in its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from redlab.errors import RedlabError
from redlab.faults import healing, journal, link_fault, node_fault
from redlab.faults.node_fault import FREEZE_ATTEMPTS
from redlab.predict.fault_kinds import KINDS
from redlab.stack import checkout
from tests.support.fake_engine import FakeEngine, of_node
from tests.support.unit.inventories import inventory_of

RACE = "Cannot pause container 8f: OCI runtime pause failed: unable to freeze: unknown"
HA = inventory_of("ha")
GATEWAY = HA.node("gw1")
NAME = GATEWAY.container


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEngine:
    monkeypatch.setattr(checkout, "RUN", tmp_path)
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: None)
    return FakeEngine([of_node(HA, GATEWAY)]).used(monkeypatch)


def test_a_freeze_that_lost_its_race_is_tried_again(fake: FakeEngine) -> None:
    fake.refusals[f"pause {NAME}"] = [RACE] * (FREEZE_ATTEMPTS - 1)
    (fault,) = node_fault.inject("ha", "hang", [GATEWAY], 1)
    assert fake.done == [f"pause {NAME}"] * FREEZE_ATTEMPTS
    assert fault.evidence == "engine: redlab-ha-gw1 paused"


@pytest.mark.parametrize(("words", "asked"), [(RACE, FREEZE_ATTEMPTS), ("Container 8f is not running", 1)])
def test_what_stays_refused_is_an_error(fake: FakeEngine, words: str, asked: int) -> None:
    fake.refusals[f"pause {NAME}"] = [words] * FREEZE_ATTEMPTS
    with pytest.raises(RedlabError, match=f"^no hang of gw1: {words}$"):
        node_fault.inject("ha", "hang", [GATEWAY], 1)
    assert fake.done == [f"pause {NAME}"] * asked


def test_a_kill_is_proven_by_the_state_and_reverted_by_a_start(fake: FakeEngine) -> None:
    (fault,) = node_fault.inject("ha", "crash", [GATEWAY], 1)
    assert fault.evidence == "engine: redlab-ha-gw1 exited, exit code 137, at 2026-12-01T00:00:00Z"
    healing.heal(fault.entry)
    assert fake.done == [f"kill {NAME}", f"start {NAME}"]
    assert journal.entries("ha") == []


def test_a_fault_of_a_lab_that_was_destroyed_is_forgotten(fake: FakeEngine) -> None:
    (fault,) = node_fault.inject("ha", "crash", [GATEWAY], 1)
    fake.there.clear()
    healing.heal(fault.entry)
    assert journal.entries("ha") == []


def test_a_volume_is_lost_with_its_server_and_with_whatever_was_written_meanwhile(fake: FakeEngine) -> None:
    (fault,) = node_fault.inject("ha", "volume-loss", [GATEWAY], 1)
    assert fault.evidence.endswith("; what its volumes held was erased")
    assert fake.done == [f"kill {NAME}", f"erase {NAME}"]
    fake.done.clear()
    healing.heal(fault.entry)
    healing.heal(fault.entry)
    assert fake.done == [f"erase {NAME}", f"start {NAME}"], "what runs again is not erased"


def test_every_kind_of_fault_can_be_made_proven_and_reverted_and_no_other() -> None:
    made = {*node_fault.KINDS, *link_fault.KINDS}
    assert made == {kind.name for kind in KINDS.values() if kind.breaks}
