"""A model is frozen dataclasses whose fields say what they mean; documents are read by it. Pure.

A field without :func:`said` is no part of a document: it is computed. The JSON Schema of a model is made by
:mod:`redundancy.json_schema`.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

Document = Mapping[str, Any]

_SAID = "said"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a field, or of a type (``Annotated``): the limits of its values, and what messages tell of them.

    ``description``: what it means, with its unit; '' where its type says it.
    ``least``, ``most``: of a number.   ``above``: every number is more.
    ``shortest``, ``longest``: of a text in characters, of a list or mapping in members.
    ``pattern``: the regular expression of a text.   ``names``: that of the keys of a mapping; the members of a tuple
    are such a mapping in the document, and know their key as ``name``.   ``keys``: the only keys of a mapping.
    ``allowed``: what a text, or each in a list, may be, where its type does not say so.
    ``form``: the format that a text has (JSON Schema).
    ``why``: why it must be so.   ``like``: what is allowed, in words, where a pattern would be hard to read.
    ``key``: what a document calls it, where that does not follow from the field's name.
    ``named``: the name of a type in the schema's definitions; '' where it is written out.
    ``patterns``: the only topologies that have it; empty: all.
    ``required``: people who write such a document must give it.
    ``later``: programs of earlier versions wrote no such field; a document of today has it.
    ``optional``: programs leave it out where it has its default.
    """

    description: str = ""
    least: float | None = None
    most: float | None = None
    above: float | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str = ""
    names: str = ""
    keys: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    form: str = ""
    why: str = ""
    like: str = ""
    key: str = ""
    named: str = ""
    patterns: tuple[str, ...] = ()
    required: bool = False
    later: bool = False
    optional: bool = False


def said(description: str = "", kind: type[Said] = Said, **more: Any) -> Mapping[str, Said]:
    """Return the metadata of a field, for :func:`dataclasses.field`; ``more``: see :class:`Said`, or ``kind`` of it."""
    return {_SAID: kind(description, **more)}


def setting(description: str = "", default: Any = MISSING, **more: Any) -> Any:
    """Return a field of which this is said; ``more``: see :func:`said`."""
    metadata = said(description, **more)
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


def said_of(one: Field[Any]) -> Any:
    """Return what is said of a field: a :class:`Said`. Raises KeyError where nothing is."""
    return one.metadata[_SAID]


def in_documents(wanted: Any) -> list[Field[Any]]:
    """Return the fields of a model that a document has."""
    return [one for one in fields(wanted) if _SAID in one.metadata]


def key_of(one: Field[Any]) -> str:
    """Return what a document calls a field: ``queueLimitEvents`` for ``queue_limit_events``."""
    return said_of(one).key or camel_case(one.name)


def camel_case(name: str) -> str:
    """Return the key of a document for a name in Python's spelling."""
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)


def snake_case(name: str) -> str:
    """Return the name that Python uses for a key of a document."""
    return re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)


@cache
def hints_of(wanted: Any) -> dict[str, Any]:
    """Return the types of a model's fields, by name."""
    return get_type_hints(wanted, include_extras=True)


def present(wanted: Any) -> Any:
    """Return a type without ``None``, where that is one of two."""
    if get_origin(wanted) in (Union, types.UnionType):
        (wanted,) = (each for each in get_args(wanted) if each is not types.NoneType)
    return wanted


def default_of(one: Field[Any]) -> Any:
    """Return the value of a field that is left out; None where there is none."""
    if one.default_factory is not MISSING:
        return one.default_factory()
    return None if one.default is MISSING else one.default


def read(wanted: Any, value: Any, default: Any = None) -> Any:
    """Build a value of an annotated type from the part of a document, which the schema has accepted.

    What a mapping leaves out is as in ``default``.
    """
    if value is None:
        return None
    wanted = present(wanted)
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return read(arguments[0], value, default)
    if origin is tuple and isinstance(value, Mapping):
        return tuple(replace(read(arguments[0], value[name]), name=name) for name in sorted(value))
    if origin is tuple:
        return tuple(read(arguments[0], item) for item in value)
    if origin is Mapping:
        return {name: read(arguments[1], value[name]) for name in sorted(value)}
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted(value)
    if not is_dataclass(wanted):
        return value
    hints: dict[str, Any] = hints_of(cast("Any", wanted))
    given = {
        one.name: read(
            hints[one.name],
            value[key_of(one)],
            default_of(one) if default is None else getattr(default, one.name),
        )
        for one in in_documents(wanted)
        if key_of(one) in value
    }
    return cast("Any", wanted)(**given) if default is None else replace(default, **given)


def written(value: Any, *, for_people: bool) -> Any:
    """Return a model as the part of a document that :func:`read` makes it of.

    ``for_people``: without what has its default; else without those of it that are optional.
    """
    if isinstance(value, tuple):
        return [written(item, for_people=for_people) for item in value]
    if isinstance(value, Mapping):
        return {name: written(part, for_people=for_people) for name, part in value.items()}
    if not is_dataclass(value):
        return value.value if isinstance(value, Enum) else value
    return {
        key_of(one): written(part, for_people=for_people)
        for one in in_documents(value)
        for part in (getattr(value, one.name),)
        if not ((for_people or said_of(one).optional) and part == default_of(one))
    }
