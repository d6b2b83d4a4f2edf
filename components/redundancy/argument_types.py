"""The components' arguments as Python source: the topology's settings, in Python's spelling, one class a section. Pure.

Pulumi derives the package for other languages from the annotations and docstrings of classes that stand in a file.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, is_dataclass
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from redundancy.json_schema import described
from redundancy.model import Said, hints_of, in_documents, key_of, present, said_of, snake_case
from redundancy.topology import Topology

_HEAD = '''"""Typed arguments of the patterns: the settings of a topology, in Python's spelling.

`python -m redundancy.schemas` makes this file of the model (redundancy/topology/): change the model instead.
"""

from typing import NotRequired, TypedDict

from redundancy.patterns.wiring import WiringArgs
'''
_INDENT = " " * 4
_LINE_CHARACTERS = 120

Attributes = Mapping[str, tuple[str, str]]
"""The attributes of a class by name: annotation, description."""


def source(patterns: Iterable[str]) -> str:
    """Return the module with the arguments of these patterns."""
    written = _Classes()
    fields = [one for one in in_documents(Topology) if one.name != "pattern"]
    common = {name: one for one in fields if not said_of(one).patterns for name in (_name(one),)}
    written.add(
        "PatternArgs",
        "WiringArgs",
        "Arguments that every pattern has.",
        {name: written.attribute(Topology, one) for name, one in common.items()},
    )
    for pattern in patterns:
        own = {_name(one): written.attribute(Topology, one) for one in fields if pattern in said_of(one).patterns}
        written.add(f"{pattern}Args", "PatternArgs", f"Arguments of the pattern {pattern}.", own)
    return "\n\n".join([_HEAD, *written.classes.values()])


@dataclass
class _Classes:
    """The classes written so far, by name; each stands behind those that it refers to."""

    classes: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, base: str, description: str, attributes: Attributes) -> str:
        """Write a class, unless it is there; return its name."""
        lines = [f"class {name}({base}):", *_docstring(description), *([""] if attributes else [])]
        for attribute, (annotation, told) in attributes.items():
            lines += [f"{_INDENT}{attribute}: {annotation}", *(_docstring(told) if told else [])]
        self.classes.setdefault(name, "\n".join(lines) + "\n")
        return name

    def attribute(self, owner: Any, one: Field[Any]) -> tuple[str, str]:
        """Return the annotation and the description of a setting."""
        told: Said = said_of(one)
        if told.keys:
            name = f"{'' if owner is Topology else owner.__name__}{one.name.title()}Args"
            wanted = self.add(name, "TypedDict", told.description, {snake_case(key): _TEXT for key in told.keys})
        else:
            wanted = self._type(hints_of(owner)[one.name], told)
        return wanted if told.required else f"NotRequired[{wanted}]", told.description

    def _type(self, annotated: Any, told: Said) -> str:
        wanted = present(annotated)
        origin, parts = get_origin(wanted), get_args(wanted)
        if origin is Annotated:
            return self._type(parts[0], told)
        if origin is Literal:
            return type(parts[0]).__name__
        if origin is Mapping or (origin is tuple and told.names):
            return f"dict[str, {self._type(parts[origin is Mapping], Said())}]"
        if origin is tuple:
            return f"list[{self._type(parts[0], Said())}]"
        if is_dataclass(wanted):
            attributes = {_name(one): self.attribute(wanted, one) for one in in_documents(wanted)}
            return self.add(f"{cast('Any', wanted).__name__}Args", "TypedDict", described(wanted), attributes)
        return str(wanted.__name__)


_TEXT = ("NotRequired[str]", "")


def _name(one: Field[Any]) -> str:
    return snake_case(key_of(one))


def _docstring(description: str) -> list[str]:
    """Return the lines of a docstring; the first sentence stands alone where one line does not hold all."""
    one_line = f'{_INDENT}"""{description}"""'
    if len(one_line) <= _LINE_CHARACTERS:
        return [one_line]
    first, _, rest = description.partition(". ")
    wrapped = textwrap.wrap(rest, _LINE_CHARACTERS - len(_INDENT))
    lines = textwrap.wrap(f'"""{first.removesuffix(".")}.', _LINE_CHARACTERS - len(_INDENT))
    return [_INDENT + line if line else "" for line in (*lines, *(["", *wrapped] if wrapped else []), '"""')]
