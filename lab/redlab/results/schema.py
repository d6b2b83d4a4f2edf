"""The JSON Schema of a drill's result, made from its model: ``python -m redlab.results.schema`` writes the file."""

from __future__ import annotations

import inspect
import json
import types
from dataclasses import Field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import jsonschema

from redlab.measure.result import DrillResult
from redlab.measure.said import said_of
from redlab.results.campaign import CampaignResult
from redlab.results.documents import SCHEMA_FILE, hints_of

_KINDS = {"drill": DrillResult, "campaign": CampaignResult}
_PRIMITIVE = {str: "string", int: "integer", float: "number", bool: "boolean"}


@cache
def schema() -> dict[str, Any]:
    """Return the schema."""
    named: dict[str, Any] = {}
    for wanted in _KINDS.values():
        _reference(wanted, named)
    return {
        "$schema": jsonschema.Draft202012Validator.META_SCHEMA["$id"],
        "$id": "https://redundancy-lab.invalid/schemas/drill-result.schema.json",
        "title": "redundancy-lab drill result",
        "description": "What `redlab drill --format json` prints: one drill, or a campaign of several runs.",
        "oneOf": [{"$ref": f"#/$defs/{wanted.__name__}"} for wanted in _KINDS.values()],
        "$defs": named,
    }


def _reference(wanted: Any, named: dict[str, Any]) -> dict[str, Any]:
    """Return the reference to a model's schema, which is put among those that have a name."""
    if wanted.__name__ not in named:
        named[wanted.__name__] = {}  # keeps its place: in the order in which they are referred to
        hints = hints_of(wanted)
        named[wanted.__name__] = {
            "type": "object",
            "description": inspect.cleandoc(wanted.__doc__ or "").split("\n\n")[0].replace("\n", " "),
            "additionalProperties": False,
            "required": [one.name for one in fields(wanted) if not said_of(one).later],
            "properties": {one.name: _property(one, hints[one.name], named) for one in fields(wanted)},
        }
    return {"$ref": f"#/$defs/{wanted.__name__}"}


def _property(field: Field[Any], wanted: Any, named: dict[str, Any]) -> dict[str, Any]:
    told = said_of(field)
    found = {"description": told.description, **_value(wanted, named)}
    if told.allowed:
        found["items"] = {"enum": list(told.allowed)}
    limits = {"minimum": told.least, "exclusiveMinimum": told.above, "format": told.form or None}
    limits["minItems"] = 1 if told.at_least_one else None
    return {**found, **{name: limit for name, limit in limits.items() if limit is not None}}


def _value(wanted: Any, named: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a value of an annotated type."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        (present,) = (each for each in arguments if each is not types.NoneType)
        found = _value(present, named)
        return {**found, "type": [found["type"], "null"]} if "type" in found else {"oneOf": [{"type": "null"}, found]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _value(arguments[0], named)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _value(arguments[1], named)}
    if is_dataclass(wanted):
        return _reference(wanted, named)
    return {"type": _PRIMITIVE[wanted]}


def text() -> str:
    """Return the schema as the file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
