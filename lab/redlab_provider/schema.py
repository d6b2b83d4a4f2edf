"""The properties of the Docker resources, read from the published schema (`schema.json`).

The schema gives names, types, required properties, and those whose change replaces the resource. `traits` adds facts
that a schema cannot express.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from redlab_provider import traits


@dataclass(frozen=True)
class Property:
    """One property: its type, and the effect of a change."""

    name: str
    kind: str
    """One of string, integer, number, boolean, array, map, object."""
    required: bool = False
    replaces: bool = False
    ordered: bool = False
    """For arrays: whether the order of the elements matters; otherwise the array is a set."""
    default: Any = None
    element: Property | None = None
    fields: dict[str, Property] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """A resource type: its token, the properties that a program may set, and those of the state."""

    token: str
    inputs: dict[str, Property]
    outputs: dict[str, Property]

    def as_property(self) -> Property:
        """Return the inputs as one object property, for code that walks values."""
        return Property(name="", kind="object", fields=self.inputs)


def document() -> str:
    """Return the schema as JSON text (for `pulumi import` and `pulumi package get-schema`)."""
    return Path(__file__).with_name("schema.json").read_text(encoding="utf-8")


@cache
def _parsed() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(document())
    return parsed


@cache
def resources() -> dict[str, Resource]:
    """Return the resource types by token."""
    return {
        token: Resource(
            token,
            inputs=_fields(spec["inputProperties"], spec.get("requiredInputs", []), token),
            outputs=_fields(spec["properties"], spec.get("required", []), token),
        )
        for token, spec in _parsed()["resources"].items()
    }


@cache
def provider_config() -> Property:
    """Return the configuration of the provider itself as one object property."""
    spec = _parsed()["provider"]
    return Property("", "object", fields=_fields(spec["inputProperties"], spec.get("requiredInputs", []), "provider"))


def _fields(specs: dict[str, Any], required: list[str], owner: str) -> dict[str, Property]:
    return {name: _property(name, spec, name in required, owner) for name, spec in specs.items()}


def _property(name: str, spec: dict[str, Any], required: bool, owner: str) -> Property:
    kind, element, fields = spec.get("type", "object"), None, {}
    if "$ref" in spec:
        type_token = spec["$ref"].removeprefix("#/types/")
        declared = _parsed()["types"][type_token]
        fields = _fields(declared["properties"], declared.get("required", []), type_token.rsplit(":", 1)[-1])
    elif kind == "array":
        element = _property("", spec["items"], required=False, owner=owner)
    elif kind == "object":
        kind = "map"
        element = _property("", spec.get("additionalProperties", {"type": "string"}), required=False, owner=owner)
    return Property(
        name=name,
        kind=kind,
        required=required,
        replaces=spec.get("willReplaceOnChanges", False),
        ordered=name in traits.ORDERED,
        default=traits.DEFAULTS.get(owner, {}).get(name),
        element=element,
        fields=fields,
    )
