"""A node that cannot be made to hang at once is asked again, and what the engine cannot do is said in its words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import docker
import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults import healing, journal, link_fault, node_fault
from redlab.faults.node_fault import FREEZE_ATTEMPTS
from redlab.model.inventory import Node
from redlab.predict.fault_kinds import KINDS

RACE = "Cannot pause container 8f: OCI runtime pause failed: unable to freeze: unknown"
GATEWAY = Node("gw1", "gateway", "dc1", "redlab-ha-gw1", {})


class Container:
    """Can be paused after so many refusals."""

    def __init__(self, refusals: int, explanation: str) -> None:
        self._refusals, self._explanation, self.asked = refusals, explanation, 0

    def pause(self) -> None:
        self.asked += 1
        if self.asked <= self._refusals:
            raise docker.errors.APIError("500 Server Error", explanation=self._explanation)


def hang(monkeypatch: pytest.MonkeyPatch, container: Container) -> None:
    monkeypatch.setattr(engine, "container", lambda _: container)
    monkeypatch.setattr(node_fault, "_taken_away", lambda *_: {})
    monkeypatch.setattr(node_fault, "evidence", lambda *_: "paused")
    monkeypatch.setattr(node_fault.subprocess, "Popen", lambda *_, **__: None)
    monkeypatch.setattr(journal, "record", lambda *_: journal.Entry)
    monkeypatch.setattr(journal.Entry, "identity", "1", raising=False)
    node_fault.inject("ha", "hang", [GATEWAY], 1)


def test_a_freeze_that_lost_its_race_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    container = Container(FREEZE_ATTEMPTS - 1, RACE)
    hang(monkeypatch, container)
    assert container.asked == FREEZE_ATTEMPTS


@pytest.mark.parametrize(("explanation", "asked"), [(RACE, FREEZE_ATTEMPTS), ("Container 8f is not running", 1)])
def test_what_stays_refused_is_an_error(monkeypatch: pytest.MonkeyPatch, explanation: str, asked: int) -> None:
    container = Container(FREEZE_ATTEMPTS, explanation)
    with pytest.raises(RedlabError, match=f"no hang of gw1: {explanation}"):
        hang(monkeypatch, container)
    assert container.asked == asked


class Lost:
    """A server that keeps something on a volume, and a mark that somebody wrote while it was down."""

    def __init__(self) -> None:
        self.status = "running"
        self.done: list[str] = []
        self.attrs = {"State": {"Running": True, "Paused": False}}

    def reload(self) -> None:
        self.attrs["State"]["Running"] = self.status == "running"

    def kill(self, signal: str) -> None:
        self.status = "exited"
        self.done.append(f"kill {signal}")

    def start(self) -> None:
        self.status = "running"
        self.done.append("start")


def test_a_volume_is_lost_with_its_server_and_with_whatever_was_written_meanwhile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    container = Lost()
    monkeypatch.setattr(engine, "erase_volumes", lambda one: one.done.append("erase"))
    node_fault.KINDS["volume-loss"].make(container)  # type: ignore[arg-type]
    assert container.done == ["kill SIGKILL", "erase"]
    containers = SimpleNamespace(get=lambda _: container)
    monkeypatch.setattr(engine, "client", lambda: SimpleNamespace(containers=containers))
    monkeypatch.setattr(journal, "folder", lambda _: tmp_path)
    container.done.clear()
    healing.heal(journal.Entry("1", "dr", "volume-loss", "dc1-db1", "redlab-dr-dc1-db1", 0))
    assert container.done == ["erase", "start"]
    healing.heal(journal.Entry("1", "dr", "volume-loss", "dc1-db1", "redlab-dr-dc1-db1", 0))
    assert container.done == ["erase", "start"], "what runs again is not erased"


def test_every_kind_of_fault_can_be_made_proven_and_reverted_and_no_other() -> None:
    made = {*node_fault.KINDS, *link_fault.KINDS}
    assert made == {kind.name for kind in KINDS.values() if kind.breaks}
