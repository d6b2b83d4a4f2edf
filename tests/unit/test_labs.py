"""A lab of the tests is used when it stands and the last one is gone; what was begun goes, whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stacks import labs as module
from tests.support.stacks.labs import Labs, begun_after, measures

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What became of labs; one called `bad` cannot be stood up, one called `stays` not be destroyed."""
    found: list[str] = []

    @contextmanager
    def standing(stack: str, topology: str) -> Iterator[str]:
        assert stack != "bad", "no engine"
        found.append(f"up {stack}")
        yield stack
        assert stack != "stays", "still there"
        found.append(f"gone {stack}")

    monkeypatch.setattr(module, "standing", standing)
    return found


def test_the_next_lab_measures_when_the_last_one_is_gone(seen: list[str]) -> None:
    labs = Labs()
    with labs.standing("one", "ha"):
        labs.begin("two", "dr")
    with labs.standing("two", "dr") as lab:
        labs.await_gone()
        seen.append(f"measured {lab}")
    labs.end()
    assert seen.index("gone one") < seen.index("measured two") < seen.index("gone two")
    assert sorted(seen) == ["gone one", "gone two", "measured two", "up one", "up two"]


def test_a_drill_measures_and_a_look_at_what_stands_does_not() -> None:
    assert measures(item("dr_lab", "test_drill[switchover]"))
    assert measures(item("dr_lab", "test_a", alone=True))
    assert measures(item("ha_lab", "test_f"))
    assert not measures(item("dr_lab", "test_b"))


def test_what_was_begun_for_nobody_goes_at_the_end(seen: list[str]) -> None:
    labs = Labs()
    labs.begin("one", "ha")
    labs.begin("bad", "ha")
    labs.end()
    assert seen == ["up one", "gone one"]


def test_a_lab_that_cannot_be_stood_up_or_destroyed_is_said(seen: list[str]) -> None:
    labs = Labs()
    with pytest.raises(AssertionError, match="no engine"), labs.standing("bad", "ha"):
        pytest.fail("it was used")
    with labs.standing("stays", "ha"):
        pass
    with pytest.raises(AssertionError, match="still there"):
        labs.end()


def item(fixture: str, name: str, *, alone: bool = False) -> Any:
    marker = object() if alone else None
    return SimpleNamespace(
        fixturenames=("tmp_path", fixture), name=name, nodeid=f"{fixture} {name}", get_closest_marker=lambda _: marker
    )


def test_the_next_lab_is_begun_after_the_last_test_that_measures() -> None:
    items = [
        item("dr_lab", "test_drill[switchover]"),
        item("dr_lab", "test_a", alone=True),
        item("dr_lab", "test_b"),
        item("ucmdb_lab", "test_c"),
        item("ucmdb_lab", "test_d"),
        item("ha_lab", "test_drill[dps-crash]"),
        item("page", "test_e"),
        item("ha_lab", "test_f"),
    ]
    assert begun_after(items) == {"dr_lab test_a": "ucmdb_lab", "ucmdb_lab test_d": "ha_lab"}
