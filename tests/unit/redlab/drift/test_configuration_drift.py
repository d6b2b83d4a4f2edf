from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from redlab_node.configured import KINDS

from redlab.drift.differences import (
    TOPOLOGY,
    Difference,
    Disagreement,
    compare,
    differing,
    measurements,
    plan,
    sampling,
)

ITEMS = st.dictionaries(
    st.tuples(st.sampled_from((*KINDS, TOPOLOGY)), st.text(max_size=3)),
    st.dictionaries(st.text(max_size=2), st.one_of(st.integers(), st.text(max_size=3), st.none()), max_size=2),
    max_size=6,
)
Items = dict[tuple[str, str], Any]


def applied(items: Items, differences: list[Difference], *, from_first: bool) -> Items:
    after = dict(items)
    for change in plan(differences, from_first=from_first):
        if change.content is None:
            del after[change.kind, change.name]
        else:
            after[change.kind, change.name] = change.content
    return after


@given(ITEMS, ITEMS)
def test_the_plan_makes_one_like_the_other(first: Items, second: Items) -> None:
    found = compare(first, second)
    assert applied(second, found, from_first=True) == first
    assert applied(first, found, from_first=False) == second
    assert bool(found) == (first != second)


def test_every_difference_is_named() -> None:
    first = {("alert", "a"): {"x": 1}, ("kpi", "k"): {"y": 1}, ("sla", "same"): {"z": [1, 2]}}
    second = {("alert", "a"): {"x": 2}, ("sla", "same"): {"z": [1, 2]}, ("topology", "host/h"): {}}
    assert compare(first, second) == [
        Difference("alert", "a", {"x": 1}, {"x": 2}),
        Difference("kpi", "k", {"y": 1}, None),
        Difference("topology", "host/h", None, {}),
    ]
    assert [change.what for change in plan(compare(first, second), from_first=True)] == [
        "write alert a",
        "write kpi k",
        "delete topology host/h",
    ]


def test_the_order_of_keys_is_no_difference() -> None:
    assert compare({("alert", "a"): {"x": 1, "y": 2}}, {("alert", "a"): {"y": 2, "x": 1}}) == []


def test_twins_that_take_turns_measure_as_often_as_one_alone() -> None:
    alike, in_turn = sampling(1 / 300, 1), sampling(1 / 300, 2)
    assert alike
    assert in_turn
    assert (round(alike.interval_of_each_seconds), round(alike.resolution_seconds)) == (300, 300)
    assert alike.relative_load == 2
    # The best-practice document's own: two collectors at 10 minutes, 5 minutes of resolution, half the load each.
    assert (round(in_turn.interval_of_each_seconds), round(in_turn.resolution_seconds)) == (600, 300)
    assert in_turn.relative_load == 1
    assert sampling(0, 2) is None


def test_measurements_are_compared_one_by_one() -> None:
    first, second = (
        {("event", "c", number): value for number, value in taken.items()}
        for taken in (
            {1: (10.0, "a"), 2: (11.0, "b"), 3: (12.0, "c")},
            {2: (11.004, "b"), 3: (11.99, "other"), 4: (13.0, "d")},
        )
    )
    assert differing(first, second) == [("event", "c", 3)]
    found = measurements(first, second, {("event", "c", 3): ("ok", "failed")})
    assert (found.in_both, found.in_first_only, found.in_second_only, found.different_data) == (2, 1, 1, 1)
    assert found.apart_median_milliseconds is not None
    assert abs(found.apart_median_milliseconds - 7) < 0.001
    assert found.disagreements == (Disagreement("event", "c", 3, 12.0, "ok", "failed"),)
    # One of a collector that has no twin is in one instance alone, and nobody's disagreement.
    alone = measurements({**first, ("event", "om", 9): (1.0, "x")}, second, {}, alone={"om"})
    assert (alone.in_first_only, alone.without_twin) == (1, 1)
    assert measurements({}, {}, {}).apart_maximum_milliseconds is None
