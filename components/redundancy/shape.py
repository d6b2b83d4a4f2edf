"""The shape of a topology document: the JSON Schema, and what breaks it. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from itertools import zip_longest
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from redundancy import json_schema
from redundancy.model import Document
from redundancy.reading import MAXIMUM_DEPTH, shortened, shown
from redundancy.source import Source
from redundancy.topology import Topology
from redundancy.yaml_reading import MAXIMUM_VALUES, Path, number


@cache
def schema() -> dict[str, Any]:
    """Return the topology schema; the end of a pattern is the end of the text, as it is in JavaScript.

    In Python ``$`` is also before a line break at the end.
    """
    made = json_schema.document(Topology, "topology", for_people=True)
    loaded: dict[str, Any] = json.loads(json_schema.text(made), object_pairs_hook=_exact)
    return loaded


def _exact(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    def ended(text: str) -> str:
        return re.sub(r"\$$", r"\\Z", text) if text.startswith("^") else text

    return {ended(key): ended(value) if key == "pattern" and isinstance(value, str) else value for key, value in pairs}


def _is_number(_: object, value: object) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and (isinstance(value, int) or math.isfinite(value))
    )


_Validator: Any = cast("Any", extend)(
    Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number)
)


@cache
def _validator() -> Any:
    return _Validator(schema())


def whole(value: Any) -> Any:
    """Return the value with numbers such as 2.0 as whole ones: YAML, JSON and other languages make no difference."""
    if isinstance(value, Mapping):
        return {key: whole(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Broken:
    """What is wrong with the shape of a document: the faults, told, and where they are."""

    def __init__(self, source: Source) -> None:
        self._document = source.document
        self.faults = [*source.unread.values(), *unbounded(source)]
        self._places: list[Path] | None = None
        if len(self.faults) > len(source.unread):
            return
        found: list[ValidationError] = sorted(
            _validator().iter_errors(source.document), key=lambda error: _texts(error.absolute_path)
        )
        told = [(path, _told(source, error, path)) for error in found for path in _places(error)]
        self.faults += [fault for path, fault in told if _texts(path) not in source.unread]
        self._places = [*source.unread, *(_texts(path) for path, _ in told)]

    def allows(self, path: Sequence[str]) -> bool:
        """Whether the part of the document that a path is in has no fault, so that what a rule finds there is true."""
        own = _section(path)
        return not any(own[: len(one)] == one for one in map(_section, self._places or ()))

    def repaired(self) -> Document | None:
        """Return the document without what has a fault, so that defaults take its place; None where none can."""
        document: Any = deepcopy(dict(self._document))
        for path in self._places or ():
            part = document
            for key, following in zip_longest(path, path[1:]):
                if not isinstance(part, dict) or key not in part:
                    break
                if following is None or not isinstance(part[key], dict):
                    del part[key]
                    break
                part = part[key]
        repaired: Document = document
        return repaired if self._places and _validator().is_valid(document) else None


def _texts(path: Iterable[str | int]) -> Path:
    return tuple(map(str, path))


def _section(path: Sequence[str]) -> tuple[str, ...]:
    """Return the part of a document that a path is in: its first key; of a site what it is about, in any site."""
    return ("sites", *path[2:3]) if path and path[0] == "sites" else tuple(path[:1])


def unbounded(source: Source) -> list[str]:
    """Return why a document that no reader has bounded (another program made it) cannot be looked at."""
    return list(_unbounded(source, source.document, (), [0]))


def _unbounded(source: Source, value: object, path: tuple[str | int, ...], count: list[int]) -> Iterator[str]:
    count[0] += 1
    if count[0] == MAXIMUM_VALUES + 1 or len(path) > MAXIMUM_DEPTH:
        what = f"more than {MAXIMUM_VALUES:,} values" if count[0] > MAXIMUM_VALUES else "nested too deep"
        yield source.fault(path[:3], what, f"{MAXIMUM_VALUES:,} values, {MAXIMUM_DEPTH} levels")
        count[0] = MAXIMUM_VALUES + 2
    if count[0] > MAXIMUM_VALUES:
        return
    parts: Any = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        if isinstance(value, Mapping) and not isinstance(key, str):
            yield source.fault(path, f"found {shown(key)} as a key", "text", "every key is a name")
        else:
            yield from _unbounded(source, part, (*path, key), count)


def _places(error: ValidationError) -> list[tuple[str | int, ...]]:
    """Where a fault is: of names that are not allowed each one, else the value."""
    path = tuple(error.absolute_path)
    return [(*path, name) for name in _unknown(error)] if error.validator == "additionalProperties" else [path]


def _unknown(error: ValidationError) -> list[str]:
    rule: Any = error.schema
    patterns = rule.get("patternProperties", {})
    names: Any = error.instance
    return sorted(
        name
        for name in names
        if name not in rule.get("properties", {}) and not any(re.search(p, name) for p in patterns)
    )


def _told(source: Source, error: ValidationError, path: Sequence[str | int]) -> str:
    """Tell what breaks the schema: place, value found, what is allowed, why."""
    rule: Any = error.schema
    found, why = "", rule.get("x-why", "")
    if error.validator == "additionalProperties":
        found = "the name is not allowed" if rule.get("patternProperties") else "unknown key"
    elif error.validator == "required":
        found = error.message
    elif error.validator in ("minProperties", "maxProperties"):
        found, why = f"found {len(cast('Any', error.instance)) or 'nothing'}", ""
    return source.fault(path, found or f"found {shown(error.instance)}", _allowed(error), why)


def _allowed(error: ValidationError) -> str:
    rule: Any = error.schema
    match error.validator:
        case "additionalProperties":
            names = [*sorted(rule.get("properties", {})), *map(_like, rule.get("patternProperties", {}))]
            return ", ".join(names)
        case "required":
            return "all of " + ", ".join(rule["required"])
        case "enum":
            return ", ".join(map(str, rule["enum"]))
        case "type":
            return {"object": "a mapping", "integer": "a whole number"}.get(rule["type"], f"a {rule['type']}")
        case "minimum" | "maximum" | "exclusiveMinimum":
            low = rule.get("minimum", f"more than {rule.get('exclusiveMinimum')}")
            return f"{low} to {rule['maximum']}" if "maximum" in rule else f"at least {low}"
        case "pattern":
            return str(rule.get("x-allowed") or "text" + _like(rule["pattern"]).removeprefix("names"))
        case "minLength" | "minItems" | "minProperties":
            return f"at least {error.validator_value}{_counted(error)}"
        case "maxLength" | "maxItems" | "maxProperties":
            return f"at most {error.validator_value}{_counted(error)}"
        case _:
            return shortened(error.message)


def _counted(error: ValidationError) -> str:
    return " characters" if str(error.validator).endswith("Length") else ""


def _like(pattern: str) -> str:
    return "names like " + pattern.replace(r"\Z", "$")


def _resolved(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in rule:
        return rule
    referred: Mapping[str, Any] = schema()["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    return {**referred, **rule}


def _rule_of(key: str, rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the schema says of one key of a mapping."""
    patterns: Mapping[str, Any] = rule.get("patternProperties", {})
    return _resolved(rule.get("properties", {}).get(key) or next(iter(patterns.values()), {}))


def from_text(value: Any, rule: Mapping[str, Any] | None = None) -> Any:
    """Return overrides as the schema wants them: Pulumi's ``config set --path`` stores decimals as text.

    And it stores as a number or truth what looks like one, also where a text is wanted.
    """
    rule = schema() if rule is None else rule
    if isinstance(value, Mapping):
        return {key: from_text(part, _rule_of(str(key), rule)) for key, part in value.items()}
    if isinstance(value, list):
        return [from_text(part, _resolved(rule.get("items", {}))) for part in value]
    wanted = rule.get("type")
    if wanted in ("number", "integer") and isinstance(value, str):
        found = number(value)
        return value if found is None else found
    if wanted == "string" and isinstance(value, (bool, int)):
        return json.dumps(value)
    return value
