"""The JSON Schema of a model (:mod:`redundancy.model`). Pure."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, is_dataclass
from enum import Enum
from itertools import takewhile
from typing import Annotated, Any, Literal, get_args, get_origin

from redundancy import model
from redundancy.model import Said, default_of, in_documents, said_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ADDRESS = "https://redundancy-lab.invalid/schemas"
_PRIMITIVE = {str: "string", int: "integer", float: "number", bool: "boolean"}
_COUNTED = {"string": "Length", "array": "Items", "object": "Properties"}


def described(wanted: Any) -> str:
    """Return what a model's docstring says before it explains single fields."""
    paragraphs = inspect.cleandoc(wanted.__doc__ or "").replace("\n\n", "\0").replace("\n", " ").split("\0")
    return " ".join(takewhile(lambda one: not one.startswith("`"), paragraphs))


def document(wanted: Any, name: str, *, for_people: bool) -> dict[str, Any]:
    """Return the schema of documents of a model; ``name`` is what they are called."""
    schema = Schema(for_people)
    return headed(name, f"redundancy-lab {name}", schema.of(wanted), schema.named)


def headed(name: str, title: str, schema: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as a document of its own, with the schemas that have a name in it."""
    return {"$schema": _DIALECT, "$id": f"{_ADDRESS}/{name}.schema.json", "title": title, **schema, "$defs": named}


def text(schema: dict[str, Any]) -> str:
    """Return a schema as its file has it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Schema:
    """Makes the schemas of models, each once, and puts those that have a name into ``named``.

    ``for_people``: people write such documents. They leave out what has a default, and no value is null; in what a
    program writes every field is there that is not a later one.
    ``key``: what documents call a field.   ``hints``: the types of a model's fields.
    """

    for_people: bool
    key: Callable[[Field[Any]], str] = model.key_of
    hints: Callable[[Any], dict[str, Any]] = model.hints_of
    named: dict[str, Any] = field(default_factory=dict)

    def of(self, wanted: Any) -> dict[str, Any]:
        """Return the schema of a model."""
        required = [self.key(one) for one in in_documents(wanted) if self._is_required(one)]
        return {
            "type": "object",
            "description": described(wanted),
            "additionalProperties": False,
            **({"required": required} if required or not self.for_people else {}),
            "properties": {self.key(one): self._property(one, self.hints(wanted)) for one in in_documents(wanted)},
        }

    def reference(self, wanted: Any) -> dict[str, Any]:
        """Return the reference to a model's schema, which is put among those that have a name."""
        return self._reference(wanted.__name__, lambda: self.of(wanted))

    def _reference(self, name: str, made: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if name not in self.named:
            self.named[name] = {}  # keeps its place: in the order in which they are referred to
            self.named[name] = made()
        return {"$ref": f"#/$defs/{name}"}

    def _is_required(self, one: Field[Any]) -> bool:
        told: Said = said_of(one)
        return told.required if self.for_people else not (told.later or told.optional)

    def _property(self, one: Field[Any], hints: Mapping[str, Any]) -> dict[str, Any]:
        told: Said = said_of(one)
        description = told.description
        if told.patterns:
            wanted = model.present(hints[one.name])
            description = f"{', '.join(told.patterns)}: {description or described(wanted)}"
        return {
            **({"description": description} if description else {}),
            **self._limited(told, self._value(hints[one.name], told)),
            **(self._default(one) if self.for_people else {}),
        }

    def _default(self, one: Field[Any]) -> dict[str, Any]:
        default = default_of(one)
        if default is None or default == "":
            return {}
        return {"default": {} if said_of(one).names else model.written(default, for_people=True)}

    def _value(self, wanted: Any, told: Said) -> dict[str, Any]:
        """Return the schema of a value of an annotated type."""
        present = model.present(wanted)
        if present is not wanted:
            found = self._value(present, told)
            if self.for_people or told.optional:
                return found
            return (
                {**found, "type": [found["type"], "null"]} if "type" in found else {"oneOf": [{"type": "null"}, found]}
            )
        origin, arguments = get_origin(wanted), get_args(wanted)
        if origin is Annotated:
            own: Said = arguments[1]
            if own.named:
                return self._reference(own.named, lambda: self._described(own, arguments[0]))
            return self._described(own, arguments[0])
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is tuple and not told.names:
            return {"type": "array", "items": self._value(arguments[0], Said())}
        if origin is not None:
            return self._mapping(arguments[-1] if origin is not tuple else arguments[0], told)
        if is_dataclass(wanted):
            return self.reference(wanted)
        if issubclass(wanted, Enum):
            return {"enum": [each.value for each in wanted]}
        return {"type": _PRIMITIVE[wanted]}

    def _described(self, told: Said, wanted: Any) -> dict[str, Any]:
        found = {"description": told.description} if told.description else {}
        return {**found, **self._limited(told, self._value(wanted, told))}

    def _mapping(self, wanted: Any, told: Said) -> dict[str, Any]:
        value = self._value(wanted, Said())
        found: dict[str, Any] = {"type": "object", **({"required": list(told.needed)} if told.needed else {})}
        if told.keys:
            return {**found, "additionalProperties": False, "properties": dict.fromkeys(told.keys, value)}
        if told.names:
            return {**found, "additionalProperties": False, "patternProperties": {told.names: value}}
        return {**found, "additionalProperties": value}

    def _limited(self, told: Said, found: dict[str, Any]) -> dict[str, Any]:
        """Add what is said of a value to the schema of its type."""
        if told.allowed:
            found = (
                {"enum": list(told.allowed)}
                if "items" not in found
                else {**found, "items": {"enum": list(told.allowed)}}
            )
        counted = _COUNTED.get(str(found.get("type")), "")
        limits = {
            "minimum": told.least,
            "exclusiveMinimum": told.above,
            "maximum": told.most,
            f"min{counted}": told.shortest,
            f"max{counted}": told.longest,
            "pattern": told.pattern or None,
            "format": told.form or None,
            "x-allowed": told.like or None,
            "x-why": told.why or None,
        }
        return {**found, **{name: limit for name, limit in limits.items() if limit is not None}}
