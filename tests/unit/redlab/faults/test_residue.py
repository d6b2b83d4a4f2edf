"""Healing waits for what gets ready, and not for what there is no more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from redlab.control import isolated_copy
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from tests.support.fake_engine import FakeEngine
from tests.support.unit.inventories import inventory_of


def test_a_node_that_was_removed_by_hand_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = inventory_of("ha")
    fake = FakeEngine.of_lab(inventory).used(monkeypatch)
    del fake.there["redlab-ha-gw2"]
    looked: list[int] = []
    monkeypatch.setattr(journal, "entries", lambda lab: [])
    monkeypatch.setattr(journal, "remembered_declared", lambda lab: None)
    monkeypatch.setattr(residue, "all_ready", lambda _: looked.append(1))
    with pytest.raises(RedlabError, match=r"^gw2 missing, removed by hand: `redlab up ha` brings it back$"):
        residue.heal(cast("Any", SimpleNamespace(inventory=inventory)))
    assert looked == [1]


@pytest.mark.parametrize(("stack", "left", "done"), [("dr-ucmdb", 6, 1), ("dr", 0, 0), ("ha", 6, 0)])
def test_the_copy_that_a_killed_upgrade_has_left_is_removed_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, stack: str, left: int, done: int
) -> None:
    monkeypatch.setattr(journal, "entries", lambda lab: [])
    monkeypatch.setattr(journal, "remembered_automation", lambda lab: None)
    monkeypatch.setattr(journal, "remembered_declared", lambda lab: None)
    monkeypatch.setattr(isolated_copy, "remove", lambda _: left)
    lab = cast("Any", SimpleNamespace(inventory=inventory_of(stack)))
    assert residue.heal_interrupted(lab) == ["the copy of a test failover removed"] * done
