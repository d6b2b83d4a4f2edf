"""State files become dataclasses; a value that is missing or of another type is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from redlab.stack.records import record
from redundancy.reading import DocumentError


@dataclass(frozen=True)
class Part:
    name: str


@dataclass(frozen=True)
class Whole:
    text: str
    number: float
    count: int
    on: bool
    parts: tuple[Part, ...]
    words: Mapping[str, str] | None = None
    worst: float | None = None


GOOD: dict[str, Any] = {"text": "a", "number": 1, "count": 2, "on": True, "parts": [{"name": "b"}]}


def test_a_document_of_the_right_shape() -> None:
    made = record({**GOOD, "later": 1, "words": {"c": "d"}, "worst": None}, Whole, "x.json")
    assert made == Whole("a", 1.0, 2, True, (Part("b"),), {"c": "d"}, None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": 7}, "text: found 7; allowed: text"),
        ({"number": "1"}, 'number: found "1"; allowed: a number'),
        ({"number": True}, "number: found true; allowed: a number"),
        ({"number": 10**400}, "number: found a number of about 400 digits; allowed: a smaller number"),
        ({"count": 2.5}, "count: found 2.5; allowed: a whole number"),
        ({"on": 0}, "on: found 0; allowed: true or false"),
        ({"parts": {}}, "parts: found {}; allowed: a list"),
        ({"parts": [7]}, "parts.0: found 7; allowed: an object"),
        ({"parts": [{}]}, "parts.0.name: found nothing; allowed: text"),
        ({"words": {"c": 1}}, "words.c: found 1; allowed: text"),
        ({"words": []}, "words: found []; allowed: an object"),
        ({"worst": "x"}, 'worst: found "x"; allowed: a number'),
    ],
)
def test_a_value_of_another_type_is_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        record({**GOOD, **changed}, Whole, "x.json")
    assert str(caught.value) == f"x.json: {said}"
