"""The configuration of an instance: its kinds, the allowed contents of each, and the kinds with an effect. Pure.

Alerts and downtimes have an effect. The other kinds are stored and compared; of these only the form is checked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import translate
from typing import Any

ALERT, DOWNTIME = "alert", "downtime"
KINDS = (
    *(ALERT, DOWNTIME, "saved_report", "kpi", "health_indicator", "sla"),
    *("rtsm_package", "content_package", "collector_integration"),
)
"""Objects that people maintain in each instance (best practices, chapter 4). Topology is discovered, so it is not
among them."""
SEVERITIES = ("critical", "major", "minor", "warning", "normal")
MAXIMUM_NAME_CHARACTERS = 120
_MAXIMUM_TEXT_CHARACTERS = 255
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": lambda found, wanted: isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted),
    "above": lambda found, limit: _is_number(found) and bool(found > limit),
    "below": lambda found, limit: _is_number(found) and bool(found < limit),
}


class InvalidContentError(ValueError):
    """An object that no instance can be configured with; the message names the found and the allowed values."""


@dataclass(frozen=True)
class Alert:
    """A rule on the events of collectors: it fires when the field of an event's data passes the test."""

    name: str
    collector: "re.Pattern[str]"
    field: str
    test: str
    value: Any

    def matches(self, collector: str, data: Mapping[str, Any]) -> bool:
        """Tell whether the alert fires for an event of a collector."""
        if self.field not in data or not self.collector.fullmatch(collector):
            return False
        return _TESTS[self.test](data[self.field], self.value)


@dataclass(frozen=True)
class Downtime:
    """A period, in Unix seconds, in which no alert fires for some collectors' events; its end is not part of it."""

    name: str
    collector: "re.Pattern[str]"
    begins: float
    ends: float

    def covers(self, collector: str, accepted_at: float) -> bool:
        """Tell whether the downtime exempts an event that was accepted at this time (Unix seconds)."""
        return self.begins <= accepted_at < self.ends and self.collector.fullmatch(collector) is not None


def check(kind: str, name: str, content: object) -> None:
    """Raise InvalidContentError if an instance cannot be configured with this object."""
    if kind not in KINDS:
        raise InvalidContentError(f"kind {kind!r}; allowed: {', '.join(KINDS)}")
    printable = name.isprintable() and name == name.strip() and name not in (".", "..")
    if not (printable and 0 < len(name) <= MAXIMUM_NAME_CHARACTERS):
        raise InvalidContentError(
            f"name {name[:200]!r}; allowed: 1 to {MAXIMUM_NAME_CHARACTERS} printable characters, none of them a space "
            "at either end; not . or .."
        )
    takes_effect(kind, name, content)


def takes_effect(kind: str, name: str, content: object) -> "Alert | Downtime | None":
    """Return the alert or downtime, None for a kind without effect. Raises InvalidContentError."""
    if not isinstance(content, dict):
        raise InvalidContentError(f"the content of {kind} {name} is {_shown(content)}; allowed: a JSON object")
    if kind == ALERT:
        return _alert(name, content)
    return _downtime(name, content) if kind == DOWNTIME else None


def problem(kind: str, name: str, content: object) -> str | None:
    """Return why an object of a kind with effect has none, None if it has one or its kind has none."""
    try:
        takes_effect(kind, name, content)
    except InvalidContentError as error:
        return str(error)
    return None


def _alert(name: str, content: Mapping[str, Any]) -> Alert:
    _known(ALERT, name, content, ("collector", "field", *_TESTS, "severity", "to"))
    field = _text(ALERT, name, content, "field")
    tests = [test for test in _TESTS if test in content]
    if len(tests) != 1:
        raise InvalidContentError(
            f"alert {name}: {' and '.join(tests) or 'no test'}; allowed: exactly one of {', '.join(_TESTS)}"
        )
    (test,) = tests
    value = content[test]
    if test == "equals" and isinstance(value, dict | list):
        raise InvalidContentError(
            f"alert {name}: equals is {_shown(value)}; allowed: a text, number, truth value or null"
        )
    if test != "equals" and not _is_number(value):
        raise InvalidContentError(f"alert {name}: {test} is {_shown(value)}; allowed: a number")
    if content.get("severity", "normal") not in SEVERITIES:
        raise InvalidContentError(
            f"alert {name}: severity is {_shown(content['severity'])}; allowed: {', '.join(SEVERITIES)}"
        )
    _text(ALERT, name, content, "to", "operators")
    return Alert(name, _pattern(ALERT, name, content), field, test, value)


def _downtime(name: str, content: Mapping[str, Any]) -> Downtime:
    _known(DOWNTIME, name, content, ("collector", "from", "to", "reason"))
    begins, ends = (_instant(name, content, key) for key in ("from", "to"))
    if begins >= ends:
        raise InvalidContentError(
            f"downtime {name}: from {content['from']} to {content['to']}; allowed: an end after the beginning"
        )
    _text(DOWNTIME, name, content, "reason", "maintenance")
    return Downtime(name, _pattern(DOWNTIME, name, content), begins, ends)


def _known(kind: str, name: str, content: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    unknown = sorted(content.keys() - set(keys))
    if unknown:
        raise InvalidContentError(f"{kind} {name}: key {unknown[0]!r}; allowed: {', '.join(keys)}")


def _text(kind: str, name: str, content: Mapping[str, Any], key: str, default: str = "") -> str:
    value = content.get(key, default)
    if not isinstance(value, str) or not 0 < len(value) <= _MAXIMUM_TEXT_CHARACTERS:
        found = _shown(value) if key in content else "missing"
        raise InvalidContentError(
            f"{kind} {name}: {key} is {found}; allowed: a text of 1 to {_MAXIMUM_TEXT_CHARACTERS} characters"
        )
    return value


def _pattern(kind: str, name: str, content: Mapping[str, Any]) -> "re.Pattern[str]":
    """Return the pattern of the collectors, in file-name notation (`*`, `?`, `[…]`); `*` is the default."""
    return re.compile(translate(_text(kind, name, content, "collector", "*")))


def _instant(name: str, content: Mapping[str, Any], key: str) -> float:
    value = content.get(key)
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        found = _shown(value) if key in content else "missing"
        raise InvalidContentError(
            f"downtime {name}: {key} is {found}; allowed: a time with its zone, like 2026-01-31T22:00:00+01:00"
        )
    return instant.timestamp()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: object) -> str:
    return repr(value)[:100]
