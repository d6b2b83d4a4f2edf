"""The alerts that fire for a gateway's chunk: by field and collector, not in a downtime, once for each event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from redlab_dps import alerting
from redlab_dps.alerting import Rules, rules

FAILED = ("alert", "failed", {"field": "status", "equals": "failed"})
SLOW = ("alert", "slow", {"collector": "web*", "field": "seconds", "above": 3})
NIGHT = ("downtime", "night", {"collector": "web*", "from": "1970-01-01T00:01:40Z", "to": "1970-01-01T00:03:20Z"})


def chunk(*events: tuple[str, int, Any], accepted_at: float = 50.0) -> str:
    return json.dumps(
        [
            {"accepted_at": accepted_at, "request": {"collector": name, "events": [{"seq": seq, "data": data}]}}
            for name, seq, data in events
        ]
    )


def test_the_alerts_of_each_event_are_found() -> None:
    body = chunk(
        ("web1", 1, {"status": "failed", "seconds": 4}),
        ("web1", 2, {"status": "ok", "seconds": 4}),
        ("db1", 1, {"status": "ok", "seconds": 4}),
        ("db1", 2, {"status": "failed"}),
    )
    assert alerting.found(rules([SLOW, FAILED]), body) == {
        ("web1", 1): ["failed", "slow"],
        ("web1", 2): ["slow"],
        ("db1", 2): ["failed"],
    }


@pytest.mark.parametrize(("accepted_at", "quiet"), [(99.9, False), (100.0, True), (199.9, True), (200.0, False)])
def test_no_alert_fires_for_events_accepted_in_a_downtime(accepted_at: float, quiet: bool) -> None:
    body = chunk(("web1", 1, {"status": "failed"}), ("db1", 1, {"status": "failed"}), accepted_at=accepted_at)
    found = alerting.found(rules([FAILED, NIGHT]), body)
    assert (("web1", 1) in found, ("db1", 1) in found) == (not quiet, True)


def test_the_first_of_two_equal_events_counts() -> None:
    """The database keeps the first, too."""
    body = chunk(("c", 1, {"status": "ok"}), ("c", 1, {"status": "failed"}), ("c", 2, {"status": "failed"}))
    assert alerting.found(rules([FAILED]), body) == {("c", 2): ["failed"]}
    later = json.loads(chunk(("web1", 1, {"status": "failed"}), accepted_at=150))
    again = json.loads(chunk(("web1", 1, {"status": "failed"}), accepted_at=250))
    assert alerting.found(rules([FAILED, NIGHT]), json.dumps(later + again)) == {}


def test_metrics_and_topology_fire_nothing_and_have_their_own_numbers() -> None:
    items = [{"seq": 1, "kind": kind, "data": {"status": "failed"}} for kind in ("metric", "topology", "event")]
    body = [{"accepted_at": 1, "request": {"collector": "c", "events": items}}]
    assert alerting.found(rules([FAILED]), json.dumps(body)) == {("c", 1): ["failed"]}
    body[0]["request"]["events"] = items[:2]  # type: ignore[index]
    assert alerting.found(rules([FAILED]), json.dumps(body)) == {}


def test_a_chunk_without_an_alerts_field_is_not_parsed() -> None:
    assert alerting.found(rules([FAILED, SLOW]), "no JSON, nor the fields' names") == {}
    assert alerting.found(Rules(), 'no JSON: "st\\u0061tus"') == {}


@pytest.mark.parametrize("name", ["st\\u0061tus", "status"])
def test_a_field_is_found_in_any_spelling(name: str) -> None:
    body = '[{"accepted_at": 1, "request": {"collector": "c", "events": [{"seq": 1, "data": {"%s": "failed"}}]}}]'
    assert alerting.found(rules([FAILED]), body % name) == {("c", 1): ["failed"]}


def test_invalid_configuration_has_no_effect_and_is_named() -> None:
    read = rules([("alert", "old", {"when": "never"}), FAILED, ("downtime", "old", {"every": "sunday"})])
    assert [one.name for one in read.alerts] == ["failed"]
    assert read.downtimes == ()
    assert [text.partition(":")[0] for text in read.ignored] == ["alert old", "downtime old"]


def test_an_alert_on_a_field_with_quotes_is_found() -> None:
    rule = ("alert", "odd", {"field": 'a "b" ä', "equals": 1})
    body = json.dumps(json.loads(chunk(("c", 1, {'a "b" ä': 1}))), ensure_ascii=False)
    assert alerting.found(rules([rule]), body) == {("c", 1): ["odd"]}
