"""The configuration of an instance: each kind's form, and the effect of alerts and downtimes."""

from __future__ import annotations

from typing import Any

import pytest
from redlab_node.configured import KINDS, Alert, Downtime, InvalidContentError, check, problem, takes_effect


def alert(**content: Any) -> Alert:
    found = takes_effect("alert", "a", {"field": "status", **content})
    assert isinstance(found, Alert)
    return found


def downtime(begins: str, ends: str, **content: Any) -> Downtime:
    found = takes_effect("downtime", "d", {"from": begins, "to": ends, **content})
    assert isinstance(found, Downtime)
    return found


@pytest.mark.parametrize(
    ("content", "data", "matches"),
    [
        ({"equals": "failed"}, {"status": "failed"}, True),
        ({"equals": "failed"}, {"status": "ok"}, False),
        ({"equals": "failed"}, {}, False),
        ({"equals": None}, {"status": None}, True),
        ({"equals": None}, {}, False),
        ({"equals": 0}, {"status": 0.0}, True),
        ({"equals": 0}, {"status": False}, False),
        ({"equals": True}, {"status": 1}, False),
        ({"equals": "1"}, {"status": 1}, False),
        ({"equals": "a"}, {"status": ["a"]}, False),
        ({"above": 3}, {"status": 3.1}, True),
        ({"above": 3}, {"status": 3}, False),
        ({"above": 3}, {"status": "4"}, False),
        ({"above": 0}, {"status": True}, False),
        ({"below": 3}, {"status": 2}, True),
        ({"below": 3}, {"status": 3}, False),
        ({"below": 3}, {"status": None}, False),
    ],
)
def test_an_alert_matches_by_a_field_of_the_events_data(content: Any, data: Any, matches: bool) -> None:
    assert alert(**content).matches("any", data) is matches


@pytest.mark.parametrize(
    ("pattern", "collector", "matches"),
    [
        ("*", "web/1", True),
        ("web*", "web/1", True),
        ("web*", "the web", False),
        ("web?", "web12", False),
        ("web[12]", "web2", True),
        ("a.c", "abc", False),
        ("a*", "a\nb", True),
    ],
)
def test_a_pattern_selects_collectors(pattern: str, collector: str, matches: bool) -> None:
    assert alert(collector=pattern, equals=1).matches(collector, {"status": 1}) is matches
    always = downtime("2026-01-01T00:00Z", "2027-01-01T00:00Z", collector=pattern)
    assert always.covers(collector, always.begins) is matches


def test_a_downtime_includes_its_beginning_but_not_its_end() -> None:
    found = downtime("1970-01-01T01:00:10+01:00", "1970-01-01T00:00:20Z")
    assert [found.covers("any", at) for at in (9.999, 10, 19.999, 20)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("alert", [], "a JSON object"),
        ("kpi", "text", "a JSON object"),
        ("alert", {"equals": 1}, "field is missing"),
        ("alert", {"field": "", "equals": 1}, "field is ''"),
        ("alert", {"field": "f"}, "no test; allowed: exactly one of equals, above, below"),
        ("alert", {"field": "f", "equals": 1, "above": 2}, "equals and above; allowed: exactly one"),
        ("alert", {"field": "f", "equals": {}}, "equals is {}"),
        ("alert", {"field": "f", "above": "3"}, "above is '3'; allowed: a number"),
        ("alert", {"field": "f", "below": True}, "below is True; allowed: a number"),
        ("alert", {"field": "f", "equals": 1, "severity": "high"}, "allowed: critical, major"),
        ("alert", {"field": "f", "equals": 1, "severity": []}, "allowed: critical, major"),
        ("alert", {"field": "f", "equals": 1, "collector": 7}, "collector is 7"),
        ("alert", {"field": "f", "equals": 1, "collector": "x" * 256}, "1 to 255 characters"),
        ("alert", {"field": "f", "equals": 1, "to": None}, "to is None"),
        ("alert", {"when": "never"}, "key 'when'; allowed: collector, field"),
        ("downtime", {"to": "2026-01-01T00:00Z"}, "from is missing"),
        ("downtime", {"from": "2026-01-01T00:00", "to": "2026-01-02T00:00Z"}, "a time with its zone"),
        ("downtime", {"from": "soon", "to": "2026-01-02T00:00Z"}, "from is 'soon'"),
        ("downtime", {"from": 1, "to": 2}, "from is 1"),
        ("downtime", {"from": "2026-01-02T00:00Z", "to": "2026-01-02T00:00Z"}, "an end after the beginning"),
        ("downtime", {"every": "sunday"}, "key 'every'; allowed: collector, from, to, reason"),
    ],
)
def test_invalid_content_is_refused_with_the_allowed_values(kind: str, content: Any, said: str) -> None:
    with pytest.raises(InvalidContentError) as refused:
        check(kind, "n", content)
    assert said in str(refused.value)
    assert problem(kind, "n", content) == str(refused.value)


@pytest.mark.parametrize("name", ["", "x" * 121, " a", "a\n", "a\0b", ".", ".."])
def test_a_name_is_short_and_can_be_printed(name: str) -> None:
    with pytest.raises(InvalidContentError):
        check("kpi", name, {})
    check("kpi", 'a/b "c" ä', {})


def test_every_kind_accepts_an_object_and_only_some_have_an_effect() -> None:
    with pytest.raises(InvalidContentError, match="allowed: alert, downtime, saved_report"):
        check("topology", "n", {})
    for kind in KINDS[2:]:
        check(kind, "n", {"whatever": [1, {}]})
        assert takes_effect(kind, "n", {"whatever": 1}) is None
