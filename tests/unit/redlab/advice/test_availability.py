"""The simulation against closed forms, within its confidence interval."""

from __future__ import annotations

import math

import numpy as np
import pytest

from redlab.advice.availability import (
    HOURS_PER_YEAR,
    NORMAL_95,
    Estimate,
    Pool,
    Reliability,
    Spans,
    System,
    intersection,
    simulate,
    union,
)
from redlab.advice.candidates import Range

NEVER_DOWN = Reliability(1e12, 1e-3)
AT_ONCE = Range(0, 0)
SERVER, SITE = Reliability(2000, 40), Reliability(9000, 100)
NORMAL_999 = 3.29


def spans(*pairs: tuple[float, float]) -> Spans:
    return Spans(np.array([a for a, _ in pairs], dtype=float), np.array([b for _, b in pairs], dtype=float))


def pairs(found: Spans) -> list[tuple[float, float]]:
    return list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))


def covers(estimate: Estimate, exact: float) -> bool:
    """Whether the 99.9 % interval covers it: a right simulation fails one of a thousand such tests."""
    return abs(estimate.mean - exact) <= (estimate.high - estimate.mean) * NORMAL_999 / NORMAL_95


def pool(*sites: int, switch: Range = AT_ONCE, one_active: bool = True) -> Pool:
    return Pool(sites, SERVER, switch, one_active)


def per_year(share: float) -> float:
    """Minutes in a year."""
    return share * HOURS_PER_YEAR * 60


Q, QS = SERVER.unavailability, SITE.unavailability

CLOSED: dict[str, tuple[System, float]] = {
    "one server": (System((NEVER_DOWN,), ((pool(0),),)), Q),
    "a pair": (System((NEVER_DOWN,), ((pool(0, 0),),)), Q**2),
    "three that all serve": (System((NEVER_DOWN,), ((pool(0, 0, 0, one_active=False),),)), Q**3),
    "pools one after the other": (System((NEVER_DOWN,), ((pool(0), pool(0, 0)),)), 1 - (1 - Q) * (1 - Q**2)),
    "a pair in one site": (System((SITE,), ((pool(0, 0),),)), 1 - (1 - QS) * (1 - Q**2)),
    "a pair in two sites": (System((SITE, SITE), ((pool(0, 1),),)), (1 - (1 - QS) * (1 - Q)) ** 2),
    "two instances": (System((SITE, SITE), ((pool(0),), (pool(1),))), (1 - (1 - QS) * (1 - Q)) ** 2),
}


@pytest.mark.parametrize("name", CLOSED)
def test_unavailability_is_that_of_the_closed_form(name: str) -> None:
    system, share = CLOSED[name]
    assert covers(simulate(system, 20_000).downtime_minutes, per_year(share))


def test_a_wrong_closed_form_is_not_covered() -> None:
    system, share = CLOSED["a pair"]
    found = simulate(system, 20_000).downtime_minutes
    assert not covers(found, per_year(share) * 1.2)
    assert not covers(found, per_year(share) / 1.2)


def test_a_rare_failure_costs_a_switch_or_its_repair_if_that_is_shorter() -> None:
    """Switches: one for each failure of the serving server; E[min(D, X)] = MTTR (1 - exp(-D / MTTR)) for a fixed D."""
    rare, hours = Reliability(20_000, 4), 2.0
    found = simulate(System((NEVER_DOWN,), ((Pool((0, 0), rare, Range(hours, hours)),),)), 100_000)
    rate = HOURS_PER_YEAR / rare.mtbf_hours
    waited = rate * rare.mttr_hours * (1 - math.exp(-hours / rare.mttr_hours)) * 60
    assert found.failovers.mean == pytest.approx(rate, rel=0.01)
    assert found.downtime_minutes.mean == pytest.approx(waited, rel=0.02)


def test_data_is_lost_by_each_failover_between_instances() -> None:
    rare = Reliability(20_000, 4)
    alone = (Pool((0,), rare, AT_ONCE),), (Pool((1,), rare, AT_ONCE),)
    found = simulate(System((NEVER_DOWN, NEVER_DOWN), alone, Range(1, 1), Range(2, 24)), 100_000)
    assert found.lost_data_minutes.mean == pytest.approx(found.failovers.mean * 13 * 60, rel=0.02)


def test_the_interval_narrows_with_the_years_and_the_seed_decides() -> None:
    system, _ = CLOSED["one server"]
    few, many = simulate(system, 1_000).downtime_minutes, simulate(system, 50_000).downtime_minutes
    assert many.high - many.low < (few.high - few.low) / 4
    assert simulate(system, 1_000) == simulate(system, 1_000)
    assert simulate(system, 1_000) != simulate(system, 1_000, seed=2)


def test_spans() -> None:
    one, other = spans((0, 2), (5, 9)), spans((1, 3), (6, 7), (9, 10))
    assert pairs(union(one, other)) == [(0, 3), (5, 10)]
    assert pairs(intersection(one, other)) == [(1, 2), (6, 7)]
    assert pairs(intersection(one, spans())) == []
    assert pairs(union(spans(), spans())) == []
