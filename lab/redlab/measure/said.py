"""Metadata of a result's fields: their schema, their documentation, and their presentation in reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redundancy import model


@dataclass(frozen=True, slots=True)
class Said(model.Said):
    """The metadata of a result's field, in addition to its description and limits.

    ``label``, ``meaning``: the field's name and explanation in reports; '' if they do not list it.
    ``wrong``: reports highlight a value other than 0.   ``none``: the text that reports show for a missing value.
    """

    label: str = ""
    meaning: str = ""
    wrong: bool = False
    none: str = "never"


def said(description: str, **more: Any) -> Mapping[str, model.Said]:
    """Return the metadata of a field, for :func:`dataclasses.field`; ``more``: see :class:`Said`."""
    return model.said(description, kind=Said, **more)
