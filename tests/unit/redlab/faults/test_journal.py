from pathlib import Path

import pytest

from redlab.control import automation
from redlab.control.automation import Automation
from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from redlab.stack import checkout
from redlab.stack.pulumi import Stack
from redundancy.reading import DocumentError
from tests.support.unit.inventories import inventory_of


@pytest.fixture(autouse=True)
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "RUN", tmp_path)


def test_a_fault_is_found_until_it_is_healed() -> None:
    entry = journal.record("ha", "crash", "gw1", "redlab-ha-gw1", 60)
    assert journal.entries("ha") == [entry]
    assert journal.entries("other") == []
    entry.file.unlink()
    assert journal.entries("ha") == []


@pytest.mark.parametrize("before", [Automation(services=False), Automation(services=True, clients=False)])
def test_what_acts_by_itself_is_remembered_until_it_is_set_back(before: Automation) -> None:
    assert journal.remembered_automation("ha") is None
    journal.remember_automation("ha", before)
    assert journal.remembered_automation("ha") == before
    journal.forget_automation("ha")
    assert journal.remembered_automation("ha") is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"null", b"[" * 9000, b'{"services": "yes"}'])
def test_a_journal_that_says_nothing_is_named(tmp_path: Path, content: bytes) -> None:
    folder = journal.folder("ha")
    (folder / "fault-1.json").write_bytes(content)
    with pytest.raises(
        RedlabError, match=r"fault-1\.json.*; remove the file: the fault that it told of ends by itself"
    ):
        journal.entries("ha")
    for name, read in (("automation", journal.remembered_automation), ("declared", journal.remembered_declared)):
        (folder / f"{name}.json").write_bytes(content)
        with pytest.raises(DocumentError, match=rf"{name}\.json"):
            read("ha")


def test_one_drill_at_a_time() -> None:
    with journal.exclusive("ha"):
        with pytest.raises(RedlabError, match="a drill is running on lab ha"), journal.exclusive("ha"):
            pass
        with journal.exclusive("other"):
            pass
    with journal.exclusive("ha"):
        pass


def test_what_was_declared_is_remembered_until_it_is_declared_again() -> None:
    assert journal.remembered_declared("ha") is None
    journal.remember_declared("ha", {"images": {"gateway": "a/b:1"}}, {"gw1": "sha256:1"})
    assert journal.remembered_declared("ha") == ({"images": {"gateway": "a/b:1"}}, {"gw1": "sha256:1"})
    journal.forget_declared("ha")
    assert journal.remembered_declared("ha") is None


@pytest.mark.parametrize(
    ("declared", "runs", "made_anew"),
    [({"images": {"gateway": "a/b:2"}}, "new", True), ({}, "new", True), ({}, "old", False)],
)
def test_after_an_upgrade_drill_that_was_killed_the_lab_is_as_declared_before(
    monkeypatch: pytest.MonkeyPatch, declared: dict[str, object], runs: str, made_anew: bool
) -> None:
    done: list[object] = []
    monkeypatch.setattr(Stack, "overrides", lambda _: declared)
    monkeypatch.setattr(Stack, "set_overrides", lambda _, wanted: done.append(wanted))
    monkeypatch.setattr(Stack, "up", lambda stack: done.append(stack.name))
    monkeypatch.setattr(residue, "images_of", lambda _: {"gw1": runs})
    inventory = inventory_of("ha")
    assert not residue.restore_images(inventory)
    journal.remember_declared("ha", {}, {"gw1": "old"})
    assert residue.restore_images(inventory) == made_anew
    assert done == ([{}, "ha"] if made_anew else [])
    assert not residue.restore_images(inventory)


class Acting:
    """A lab whose automation is written down instead of set; ``refuses`` once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, refuses: bool = False) -> None:
        self.set: list[Automation] = []
        self.lab = Laboratory(inventory_of("ha"), Management((), "token"))
        self._refuses = refuses
        monkeypatch.setattr(automation, "apply", self._apply)

    def _apply(self, _: Laboratory, wanted: Automation) -> None:
        if self._refuses:
            raise RedlabError("the database does not answer")
        self.set.append(wanted)


def test_what_a_killed_drill_has_set_is_seen_and_set_back_by_the_next_command(monkeypatch: pytest.MonkeyPatch) -> None:
    acting, before = Acting(monkeypatch), Automation(services=False)
    assert residue.left_automation("ha") is None
    assert residue.settle(acting.lab) == []
    journal.remember_automation("ha", before)
    # A drill that is running means it so.
    with journal.exclusive("ha"):
        assert residue.left_automation("ha") is None
        assert residue.settle(acting.lab) == []
    assert acting.set == []
    assert residue.left_automation("ha") == before
    assert residue.settle(acting.lab) == ["automatic failover: off again: a drill that was killed had set it otherwise"]
    assert acting.set == [before]
    assert residue.left_automation("ha") is None


def test_what_cannot_be_set_back_now_is_left_to_the_next_command(monkeypatch: pytest.MonkeyPatch) -> None:
    acting = Acting(monkeypatch, refuses=True)
    journal.remember_automation("ha", Automation(services=False))
    (line,) = residue.settle(acting.lab)
    assert "could not be set back yet (automatic failover: off): the database does not answer" in line
    assert residue.left_automation("ha") == Automation(services=False)
