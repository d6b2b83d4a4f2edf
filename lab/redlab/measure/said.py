"""What the model of a result says of its fields: their schema, their documentation, and how reports show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass
from typing import Any

_KEY = "said"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a field.

    ``description``: what it means, with its unit.   ``least``: no value is less.   ``above``: every value is more.
    ``at_least_one``: the list is never empty.   ``later``: results of earlier versions have no such field.
    ``form``: the format that its text has (JSON Schema).
    ``allowed``: what the text, or each in the list, may be, where its type does not say so.
    ``label``, ``meaning``: what reports call it, and what they say of it; '' where they do not list it.
    ``wrong``: reports mark it unless it is 0.   ``none``: what they show where there is no value.
    """

    description: str
    least: float | None = None
    above: float | None = None
    at_least_one: bool = False
    later: bool = False
    form: str = ""
    allowed: tuple[str, ...] = ()
    label: str = ""
    meaning: str = ""
    wrong: bool = False
    none: str = "never"


def said(description: str, **more: Any) -> Mapping[str, Said]:
    """Return the metadata of a field, for :func:`dataclasses.field`; ``more``: see :class:`Said`."""
    return {_KEY: Said(description, **more)}


def said_of(field: Field[Any]) -> Said:
    """Return what is said of a field. Raises KeyError where nothing is."""
    return field.metadata[_KEY]  # type: ignore[no-any-return]
