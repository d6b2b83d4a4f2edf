"""The alerts that fire for the events of a chunk. Pure.

An event is judged once, when it is stored, by the instance's configuration at that time.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from redlab_node.configured import Alert, Downtime, InvalidContentError, takes_effect

from redlab_dps.kinds import METRIC, TOPOLOGY

Found: TypeAlias = dict[tuple[str, int], list[str]]


@dataclass(frozen=True)
class Rules:
    """The alerts and downtimes of an instance; ``ignored``: why others have no effect, with kind and name."""

    alerts: tuple[Alert, ...] = ()
    downtimes: tuple[Downtime, ...] = ()
    ignored: tuple[str, ...] = ()


def rules(items: Iterable[tuple[str, str, Any]]) -> Rules:
    """Return the effective part of an instance's configuration; an item has a kind, a name and a content."""
    alerts, downtimes, ignored = [], [], []
    for kind, name, content in items:
        try:
            found = takes_effect(kind, name, content)
        except InvalidContentError as error:
            ignored.append(str(error))
            continue
        if isinstance(found, Alert):
            alerts.append(found)
        elif found is not None:
            downtimes.append(found)
    return Rules(tuple(alerts), tuple(downtimes), tuple(ignored))


def found(rules: Rules, body: str) -> Found:
    """Return the alerts to fire, in order, by collector and number of the event; ``body`` is a gateway's chunk.

    A chunk is parsed only if it contains the name of an alert's field: otherwise no alert can match.
    """
    # With a backslash the field's name may be escaped.
    if not any("\\" in body or json.dumps(alert.field, ensure_ascii=False) in body for alert in rules.alerts):
        return {}
    matched: Found = {}
    judged = set()
    for batch in json.loads(body):
        collector, accepted_at = batch["request"]["collector"], float(batch["accepted_at"])
        quiet = any(downtime.covers(collector, accepted_at) for downtime in rules.downtimes)
        for event in batch["request"].get("events", ()):
            key = collector, int(event["seq"])
            # Metrics and topology have their own tables. Of an event that occurs twice, the first is stored.
            if event.get("kind") in (METRIC, TOPOLOGY) or key in judged:
                continue
            judged.add(key)
            if not quiet and (names := _names(rules, collector, event["data"])):
                matched[key] = names
    return matched


def _names(rules: Rules, collector: str, data: dict[str, Any]) -> list[str]:
    return sorted(alert.name for alert in rules.alerts if alert.matches(collector, data))
