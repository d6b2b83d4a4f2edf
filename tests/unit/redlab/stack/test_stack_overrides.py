"""Overrides of a stack are changed by Pulumi's own commands, and by no more than what differs."""

from __future__ import annotations

from typing import Any

import pytest

from redlab.stack.pulumi import Stack, changes

BEFORE: dict[str, Any] = {"images": {"gateway": "a/b:1"}, "sites": {"dc-1": {"images": {"gateway": "a/b:2"}}}}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    monkeypatch.setattr(Stack, "config", lambda _: {"redundancy:overrides": BEFORE})
    monkeypatch.setattr(Stack, "run", lambda _, *arguments: found.append(arguments))
    return found


def test_what_is_new_is_set_and_what_goes_is_removed_by_its_topmost_part(ran: list[tuple[str, ...]]) -> None:
    Stack("ha").set_overrides({"images": {"gateway": "a/b:2"}, "objectives": {"rpoEvents": 1}})
    assert ran == [
        (
            *("config", "set-all", "--stack", "ha", "--path"),
            *("--plaintext", "redundancy:overrides.images.gateway=a/b:2"),
            *("--plaintext", "redundancy:overrides.objectives.rpoEvents=1"),
        ),
        ("config", "rm-all", "--stack", "ha", "--path", "redundancy:overrides.sites"),
    ]


def test_a_name_with_a_hyphen_is_quoted(ran: list[tuple[str, ...]]) -> None:
    Stack("ha").set_overrides({**BEFORE, "sites": {"dc-1": {}}})
    assert ran == [("config", "rm-all", "--stack", "ha", "--path", 'redundancy:overrides.sites["dc-1"].images')]


def test_without_any_nothing_is_left_of_them(ran: list[tuple[str, ...]]) -> None:
    Stack("ha").set_overrides({})
    assert ran == [("config", "rm-all", "--stack", "ha", "--path", "redundancy:overrides")]


def test_what_is_so_already_runs_nothing(ran: list[tuple[str, ...]]) -> None:
    Stack("ha").set_overrides(BEFORE)
    assert ran == []
    assert changes(BEFORE, BEFORE) == ({}, [])
