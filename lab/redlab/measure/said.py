"""What the model of a result says of its fields: their schema, their documentation, and how reports show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redundancy import model


@dataclass(frozen=True, slots=True)
class Said(model.Said):
    """What is said of a field of a result, beside its meaning and its limits.

    ``label``, ``meaning``: what reports call it, and what they say of it; '' where they do not list it.
    ``wrong``: reports mark it unless it is 0.   ``none``: what they show where there is no value.
    """

    label: str = ""
    meaning: str = ""
    wrong: bool = False
    none: str = "never"


def said(description: str, **more: Any) -> Mapping[str, model.Said]:
    """Return the metadata of a field, for :func:`dataclasses.field`; ``more``: see :class:`Said`."""
    return model.said(description, kind=Said, **more)
