"""Pulumi's property values: their wire form (protobuf structs) and this provider's form (plain Python)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

_SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
"""This key marks an object as a special value; the constants are those of Pulumi's wire protocol."""
_HIDDEN_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that is unknown before the update has run; it occurs only in previews."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that Pulumi encrypts in the state and hides on the screen."""

    value: Any

    def __repr__(self) -> str:
        return "Secret([hidden])"


def load(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Turn the wire form of an object into Python values; secrets stay wrapped in `Secret`."""
    return {key: _load_value(value) for key, value in struct.fields.items()}


def _load_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE_KEY not in fields:
            return load(value.struct_value)
        if fields[_SIGNATURE_KEY].string_value == _HIDDEN_SIGNATURE:
            return Secret(_load_value(fields["value"]))
        raise ValueError("assets, archives and resource references are not values of Docker resources")
    if kind == "list_value":
        return [_load_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_STRING else value.string_value
    if kind == "bool_value":
        return value.bool_value
    return None


def dump(values: dict[str, Any]) -> struct_pb2.Struct:
    """Turn Python values into the wire form; the inverse of `load`."""
    return struct_pb2.Struct(fields={key: _dump_value(value) for key, value in values.items()})


def _dump_value(value: Any) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case Unknown():
            return struct_pb2.Value(string_value=UNKNOWN_STRING)
        case Secret():
            return struct_pb2.Value(struct_value=dump({_SIGNATURE_KEY: _HIDDEN_SIGNATURE, "value": value.value}))
        case dict():
            return struct_pb2.Value(struct_value=dump(value))
        case list() | tuple():
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_dump_value(item) for item in value]))
    raise TypeError(f"a {type(value).__name__} cannot be a property value")


def reveal(value: Any) -> Any:
    """Return the value without its `Secret` wrappers, at any depth."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def has_secret(value: Any) -> bool:
    """Tell whether the value is, or holds, a secret."""
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return isinstance(value, Secret)


def has_unknown(value: Any) -> bool:
    """Tell whether the value is, or holds, an unknown."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def hide_like(value: Any, pattern: Any) -> Any:
    """Make the parts of `value` secret that are secret in `pattern`.

    Objects are matched by key and lists of equal length by position. Where the shapes differ, every part of `value`
    that could contain the secret becomes secret.
    """
    if isinstance(value, Secret) or not has_secret(pattern):
        return value
    if isinstance(value, dict) and isinstance(pattern, dict):
        return {key: hide_like(item, pattern.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(pattern, list) and len(value) == len(pattern):
        return [hide_like(item, other) for item, other in zip(value, pattern, strict=True)]
    return Secret(value)
