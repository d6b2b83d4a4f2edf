"""What a drill finds to be a single point of failure, from the operations of the load alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.history import History
from redlab.measure.measured import Objectives
from redlab.measure.outage import measure_recovery
from redlab.measure.result import DrillResult, Fault
from redlab.measure.single_point import SinglePoint, find_single_point
from tests.support.unit.samples import FAULT_AT, operation, record, series, stored

GOOD = "." * 12  # 3 s
HEAL_AT = FAULT_AT + 4
AWAY = "x" * 16  # until the heal, 4 s


def found(outcomes: str, kind: str = "crash", heal_at: float | None = HEAL_AT) -> SinglePoint | None:
    recovery = measure_recovery("user", series(outcomes), fault_at=FAULT_AT, heal_at=heal_at)
    return find_single_point(kind, [recovery], FAULT_AT, heal_at)


@pytest.mark.parametrize("outcomes", [AWAY + "xx" + GOOD, "..." + AWAY + GOOD, AWAY + "xxxx"])
def test_away_until_the_heal(outcomes: str) -> None:
    assert found(outcomes) == SinglePoint(("user",), 4.0)


@pytest.mark.parametrize(
    "outcomes",
    [
        "." * 40,  # nobody noticed
        "xxxx" + "." * 30,  # something took over
        "." * 17 + "xx" + GOOD,  # the heal disturbed
        "x" * 4 + "." * 11 + "xx" + GOOD,  # it failed again a moment before the heal
    ],
)
def test_back_before_the_heal(outcomes: str) -> None:
    assert found(outcomes) is None


@pytest.mark.parametrize("kind", ["switchover", "degrade", "storm"])
def test_nothing_failed_so_nothing_is_one(kind: str) -> None:
    assert found(AWAY + GOOD, kind) is None


def test_what_was_never_healed_shows_nothing() -> None:
    assert found(AWAY, heal_at=None) is None


def drilled(until: float, **changes: Any) -> DrillResult:
    """A drill whose only database server is away until it is healed at 106 s, and a moment longer."""
    base = record()
    (history,) = base.histories
    users = [operation(n, 95 + n / 10, "fail" if 100 <= 95 + n / 10 < until else "ok") for n in range(150)]
    events = [
        stored(
            event.seq,
            event.accepted_at,
            max(event.processed_at, until) if event.accepted_at > 100 else event.processed_at,
        )
        for event in base.events
    ]
    return analyse(
        replace(
            base,
            fault=Fault("crash", "db1", landed=True, evidence="exit code 137", injected_at=FAULT_AT),
            histories=(History(history.collector_id, (*history.of("collect"), *users), 0),),
            events=tuple(events),
            lease_terms=base.lease_terms[:1],
            healed_at_will=True,
            **changes,
        )
    )


def test_a_drill_says_so_and_names_the_services() -> None:
    result = drilled(107.5)
    assert result.single_point == SinglePoint(("user", "processing"), 6.0)
    assert result.warnings[0] == (
        "db1 is a single point of failure: user and processing down until it was healed after 6.0 s"
    )
    assert result.measured is not None
    assert result.measured.user_rto_seconds == pytest.approx(7.51)


def test_red_when_something_takes_over_it_is_none() -> None:
    result = drilled(102.0)
    assert result.single_point is None
    assert not any("single point" in warning for warning in result.warnings)


def test_the_time_of_a_repair_is_not_held_against_the_objective() -> None:
    objectives = Objectives(rto_seconds=5, rpo_events=0)
    assert drilled(107.5, objectives=objectives).verdict == "passed"
    by_itself = drilled(105.9, objectives=objectives)
    assert (by_itself.single_point, by_itself.verdict) == (None, "failed"), "too late, and before anybody healed"


def test_what_does_not_come_back_when_it_is_healed_fails() -> None:
    never = drilled(200.0)
    assert never.single_point is not None
    assert never.verdict == "failed"
    assert "no recovery: at least one service never recovered" in never.reasons
