"""Compare and complete property values according to their schema. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from redlab_provider import durations
from redlab_provider.wire import UNKNOWN

if TYPE_CHECKING:
    from redlab_provider.schema import Property

_DURATIONS = frozenset({"interval", "timeout", "startPeriod", "startInterval"})


def is_zero(value: Any) -> bool:
    """Tell whether the value is empty: null, an empty text or list, zero, false, or an object of only such values."""
    if isinstance(value, dict):
        return all(is_zero(item) for key, item in value.items() if not key.startswith("__"))
    return value is None or value in ("", 0) or value == []


def complete(value: Any, prop: Property, *, refreshed: bool) -> Any:
    """Fill in the fields of nested objects that a program left out, as in the official plugin's state.

    Strings become "" and arrays []; numbers, booleans and maps are null after a create and zero after a refresh.
    """
    if value is UNKNOWN or value is None:
        return value
    if prop.kind == "array" and prop.element is not None:
        return [complete(item, prop.element, refreshed=refreshed) for item in value]
    if prop.kind == "object":
        return {
            name: complete(value[name], field, refreshed=refreshed)
            if value.get(name) is not None
            else _absent(field, refreshed=refreshed)
            for name, field in prop.fields.items()
        }
    return value


def _absent(prop: Property, *, refreshed: bool) -> Any:
    if prop.default is not None:
        return prop.default
    always: dict[str, Any] = {"string": "", "array": []}
    if prop.kind in always:
        return always[prop.kind]
    zeros: dict[str, Any] = {"boolean": False, "integer": 0, "number": 0, "map": {}}
    return zeros.get(prop.kind) if refreshed else None


def canonical(value: Any, prop: Property) -> Any:
    """Return a form in which values of equal meaning are equal: no zero values, sorted sets, nanoseconds."""
    if value in (None, "") and isinstance(prop.default, str):
        value = prop.default
    if value is UNKNOWN or is_zero(value):
        return value if value is UNKNOWN else None
    if prop.kind == "array" and prop.element is not None:
        items = [canonical(item, prop.element) for item in value]
        if prop.name in ("adds", "drops"):
            items = [str(item).upper().removeprefix("CAP_") for item in items]
        return items if prop.ordered else sorted(items, key=sort_key)
    if prop.kind == "object":
        pairs = {name: canonical(value.get(name), field) for name, field in prop.fields.items()}
        return {name: item for name, item in pairs.items() if item is not None} or None
    if prop.kind == "map":
        return dict(value)
    if prop.name in _DURATIONS:
        return durations.parse_nanoseconds(value) or None
    if prop.name == "cpus":
        return float(value)
    return value


def sort_key(value: Any) -> str:
    """Return a key that sorts equal sets into one order."""
    return json.dumps(value, sort_keys=True, default=repr)


def same(left: Any, right: Any, prop: Property) -> bool:
    """Tell whether two values have equal meanings (an unknown value equals no other)."""
    one, other = (canonical(complete(value, prop, refreshed=False), prop) for value in (left, right))
    return bool(one == other)


def covers(actual: Any, wanted: Any, prop: Property) -> bool:
    """Tell whether `actual` has everything that `wanted` states; fields that `wanted` leaves out may have any value."""
    if prop.kind == "object" and isinstance(actual, dict) and isinstance(wanted, dict):
        return all(
            covers(actual.get(name), item, prop.fields[name]) for name, item in wanted.items() if name in prop.fields
        )
    if prop.kind == "array" and prop.element is not None and isinstance(actual, list) and isinstance(wanted, list):
        if len(actual) != len(wanted):
            return False
        rest = list(actual)
        for item in wanted:
            match = next((index for index, other in enumerate(rest) if covers(other, item, prop.element)), None)
            if match is None or (prop.ordered and match != 0):
                return False
            rest.pop(match)
        return True
    return same(actual, wanted, prop)
