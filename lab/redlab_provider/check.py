"""Check the inputs that a program gives: types, allowed values, defaults, names. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redlab_provider import rules, traits
from redlab_provider.values import is_zero
from redlab_provider.wire import Secret, Unknown, reveal

if TYPE_CHECKING:
    from redlab_provider.schema import Property, Resource

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "map": (dict,),
    "object": (dict,),
}
_ARTICLES = {"integer": "an integer", "array": "a list", "object": "an object"}


@dataclass(frozen=True)
class Failure:
    """One fault of the inputs: its place and the reason."""

    path: str
    reason: str


def check(
    resource: Resource, news: dict[str, Any], olds: dict[str, Any], logical_name: str, seed: bytes
) -> tuple[dict[str, Any], list[Failure]]:
    """Return the inputs with defaults filled in, and the faults found in them.

    `olds` are the checked inputs of the previous update, from which a generated name is kept. `seed` is random, but
    equal in preview and update. Messages never hold a value, since a value may be a secret.
    """
    failures: list[Failure] = []
    _check_object(resource.as_property(), news, "", failures)
    named = dict(news)
    generated = False
    if resource.token in traits.AUTO_NAMED and news.get("name") is None:
        generated = True
        kept = olds.get("name") if "name" in reveal(olds.get("__defaults") or []) else None
        named["name"] = kept or f"{logical_name}-{hashlib.sha256(seed or logical_name.encode()).hexdigest()[:7]}"
    inputs = with_defaults(named, resource.as_property())
    if generated:
        inputs["__defaults"] = sorted([*inputs["__defaults"], "name"])
    if not failures:
        failures += [Failure(path, reason) for path, reason in rules.violations(resource.token, reveal(inputs))]
    return inputs, failures


def _check_object(prop: Property, value: dict[str, Any], path: str, failures: list[Failure]) -> None:
    for name in value:
        if name not in prop.fields and not name.startswith("__"):
            known = ", ".join(sorted(prop.fields))
            failures.append(Failure(_join(path, name), f"unknown property; known are {known}"))
    for name, field in prop.fields.items():
        item = value.get(name)
        if item is not None:
            _check_value(field, item, _join(path, name), failures)
        elif field.required:
            failures.append(Failure(_join(path, name), "missing, but required"))


def _check_value(prop: Property, hidden: Any, path: str, failures: list[Failure]) -> None:
    value: Any = hidden.value if isinstance(hidden, Secret) else hidden
    if isinstance(value, Unknown):
        return
    fits = isinstance(value, _PYTHON_TYPES[prop.kind]) and (prop.kind == "boolean" or not isinstance(value, bool))
    if not fits:
        expected = _ARTICLES.get(prop.kind, f"a {prop.kind}")
        failures.append(Failure(path, f"must be {expected}, not {_kind_of(value)}"))
    elif prop.kind == "object":
        _check_object(prop, value, path, failures)
    elif prop.element is not None:
        items = (
            [(f"{path}[{index}]", item) for index, item in enumerate(value)]
            if prop.kind == "array"
            else [(_join(path, key), item) for key, item in value.items()]
        )
        for place, item in items:
            _check_value(prop.element, item, place, failures)


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", int: "an integer", float: "a number", str: "a string", list: "a list"}
    return kinds.get(type(value), "an object")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def with_defaults(value: Any, prop: Property) -> Any:
    """Return the value with the defaults of its type, and `__defaults` naming them in every object."""
    if isinstance(value, Secret):
        return Secret(with_defaults(value.value, prop))
    if prop.kind == "array" and isinstance(value, list) and prop.element is not None:
        return [with_defaults(item, prop.element) for item in value]
    if prop.kind != "object" or not isinstance(value, dict):
        return value
    filled = {
        name: with_defaults(item, prop.fields[name]) if name in prop.fields else item
        for name, item in value.items()
        if item is not None and not name.startswith("__")
    }
    added = [name for name, field in prop.fields.items() if filled.get(name) is None and not is_zero(field.default)]
    filled |= {name: prop.fields[name].default for name in added}
    filled["__defaults"] = sorted(added)
    return filled
