"""What a collector may send: a batch of events. Pure.

The text of a batch goes into the database as it came, so whatever PostgreSQL would refuse as `jsonb` has to be
refused here: once acknowledged it would block the queue for ever.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_BODY_BYTES = 1024 * 1024
MAX_COLLECTOR_CHARACTERS = 255  # part of a primary key: an index entry has to fit into a third of a page
MAX_SEQ = 2**63 - 1  # bigint

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONG_NUMBER = re.compile(r"[eE][+-]?\d{3}|\d{300}")


class MalformedBatchError(Exception):
    """The body is not a batch of events; the message says why."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was found well-formed."""

    body: bytes
    events: int


def parse(body: bytes) -> Batch:
    """Check a request body; raises MalformedBatchError."""
    try:
        text = body.decode("utf-8")
        document = json.loads(text, parse_constant=_refuse_constant)
        _check_representable(text, document)
    except MalformedBatchError:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedBatchError(f"not JSON in UTF-8: {error}") from None
    return Batch(body, _check_shape(document))


def _check_shape(document: Any) -> int:
    """Return the number of events."""
    if not isinstance(document, dict):
        raise MalformedBatchError("the body is not an object")
    collector = document.get("collector")
    if not isinstance(collector, str) or not 0 < len(collector) <= MAX_COLLECTOR_CHARACTERS:
        raise MalformedBatchError(f"collector is not a string of 1 to {MAX_COLLECTOR_CHARACTERS} characters")
    events = document.get("events")
    if not isinstance(events, list) or not events:
        raise MalformedBatchError("events is not a list of at least one event")
    for event in events:
        if not isinstance(event, dict):
            raise MalformedBatchError("an event is not an object")
        seq = event.get("seq")
        if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
            raise MalformedBatchError(f"seq is not an integer from 0 to {MAX_SEQ}")
        if not isinstance(event.get("data"), dict):
            raise MalformedBatchError("data is not an object")
    return len(events)


def _check_representable(text: str, document: Any) -> None:
    """Refuse what JSON allows and PostgreSQL's jsonb does not."""
    if "\\u" in text:
        if _NUL.search(text):
            raise MalformedBatchError("a string contains the character U+0000")
        if _SURROGATE.search(text):
            # Pairs were joined by the decoder; encoding finds those that stand alone.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    if _LONG_NUMBER.search(text):
        json.loads(text, parse_float=_check_number, parse_int=_check_number)


def _check_number(token: str) -> None:
    digits, _, exponent = token.lower().partition("e")
    if len(digits) > 400 or abs(int(exponent or 0)) > 308:
        raise MalformedBatchError("a number is outside the range of a double")


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedBatchError(f"{name} is not JSON")
