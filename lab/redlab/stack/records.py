"""This project's own state files: JSON that becomes a dataclass, each value checked."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from redundancy.reading import DocumentError, read_json, shown

T = TypeVar("T")


def read(path: Path, wanted: type[T]) -> T:
    """Return what a state file says. Raises NoDocumentError without one, DocumentError when it says something else."""
    return record(read_json(path), wanted, str(path))


def record(document: Mapping[str, Any], wanted: type[T], name: str) -> T:
    """Return a dataclass made of JSON values; what it does not know (a later version's) is left out.

    Raises DocumentError, with the field, for a value that is missing or of another type.
    """
    return cast("T", _made(document, wanted, name, ""))


def _made(document: Mapping[str, Any], wanted: Any, name: str, path: str) -> Any:
    hints = get_type_hints(wanted)
    values = {}
    for field in fields(wanted):
        here = f"{path}{field.name}"
        if field.name in document:
            values[field.name] = _value(document[field.name], hints[field.name], name, here)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise DocumentError(f"{name}: {here}: found nothing; allowed: {_called(hints[field.name])}")
    return wanted(**values)


def _value(value: Any, wanted: Any, name: str, path: str) -> Any:
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType) and type(None) in arguments:
        (rest,) = (one for one in arguments if one is not type(None))  # no state file has other unions
        return None if value is None else _value(value, rest, name, path)
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(_value(part, arguments[0], name, f"{path}.{index}") for index, part in enumerate(value))
    if origin is not None and origin is not tuple and issubclass(origin, Mapping) and isinstance(value, dict):
        return {key: _value(part, arguments[1], name, f"{path}.{key}") for key, part in value.items()}
    if is_dataclass(wanted) and isinstance(value, dict):
        return _made(value, wanted, name, f"{path}.")
    allowed = (int, float) if wanted is float else wanted if isinstance(wanted, type) else ()
    if not isinstance(value, allowed) or (isinstance(value, bool) and wanted is not bool) or is_dataclass(wanted):
        raise DocumentError(f"{name}: {path}: found {shown(value)}; allowed: {_called(wanted)}")
    try:
        return float(cast("float", value)) if wanted is float else value
    except OverflowError:
        raise DocumentError(f"{name}: {path}: found {shown(value)}; allowed: a smaller number") from None


def _called(wanted: Any) -> str:
    """Return what JSON calls a type."""
    if get_origin(wanted) in (Union, types.UnionType):
        return " or ".join("null" if one is type(None) else _called(one) for one in get_args(wanted))
    known = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return known.get(wanted, "a list" if get_origin(wanted) is tuple else "an object")
