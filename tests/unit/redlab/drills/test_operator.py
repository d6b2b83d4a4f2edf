"""What an operator does in a drill is written down, and of twins when the users are led elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from redlab.control.lab import Laboratory
from redlab.drills import operator, scenarios
from redlab.drills.load_settings import LoadSettings
from redlab.drills.operator import Operator
from redlab.drills.record import Record
from redlab.errors import RedlabError
from redlab.recovery import two_instances
from redlab.recovery.procedure import Step
from tests.support.unit.inventories import inventory_of


def step(name: str, act: Callable[[], object] = lambda: None) -> Step:
    return Step(name, f"does {name}", check=lambda: "", act=act)


def operating(stack: str, said: list[str], *, force: bool = False, **lab: Any) -> tuple[Operator, Record]:
    inventory = inventory_of(stack)
    scenario = scenarios.of_pattern(inventory.pattern)[0]
    record = Record("x-1", "", scenario, LoadSettings())
    return Operator(SimpleNamespace(inventory=inventory, **lab), record, said.append, force=force), record  # type: ignore[arg-type]


def test_services_are_given_to_a_server_and_the_decision_has_its_instant() -> None:
    given: list[str] = []
    acts, record = operating("ha", said := [], management=SimpleNamespace(reassign=given.append))
    before = time.monotonic()
    acts.reassign("dps2")
    assert (given, said) == (["dps2"], ["operator: services to dps2"])
    assert before <= (record.decided_at or 0.0) <= time.monotonic()


@pytest.mark.parametrize(("stack", "noted"), [("business-continuity", True), ("dr", False)])
def test_of_twins_the_users_way_is_noted_from_the_fault_on(stack: str, noted: bool) -> None:
    acts, record = operating(stack, said := [])
    acts.perform([step("clients")])
    assert record.rerouted_at is None
    record.fault_at = time.monotonic()
    acts.perform([step("instance"), step("clients")])
    assert (record.rerouted_at is not None) is noted
    assert said == ["operator: does clients", "operator: does instance", "operator: does clients"]


@pytest.mark.parametrize("force", [False, True])
def test_a_lab_that_differs_is_gone_to_only_where_that_was_allowed(
    monkeypatch: pytest.MonkeyPatch, *, force: bool
) -> None:
    asked: list[tuple[str, bool, bool]] = []

    def steps(_: Laboratory, site: str, *, planned: bool, force: bool = False) -> list[Step]:
        asked.append((site, planned, force))
        return []

    monkeypatch.setattr(two_instances, "steps", steps)
    acts, _ = operating("business-continuity", [], force=force)
    acts.go_to("dc2", planned=False)
    assert asked == [("dc2", False, force)]


def test_a_procedure_that_cannot_be_interrupted_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[str] = []
    monkeypatch.setattr(two_instances, "steps", lambda *_, **__: [step("one"), step("two"), step("three")])
    monkeypatch.setattr(operator, "interrupted", lambda _, __, name: killed.append(name) or name == "two")
    acts, _ = operating("dr", [])
    with pytest.raises(RedlabError, match="ended before its step 'three'"):
        acts.interrupt("dc2")
    assert killed == ["two", "three"], "nothing is to be interrupted before the first"
