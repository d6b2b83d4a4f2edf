"""JSON that PostgreSQL can hold as `jsonb`, which refuses some of what JSON allows. Pure."""

import json
import re
from typing import Any, NoReturn

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONG_NUMBER = re.compile(r"[eE][+-]?\d{3}|\d{300}")


class RefusedError(ValueError):
    """The text is no such JSON; the message says why."""


def load(body: bytes) -> Any:
    """Read a document in UTF-8; raises RefusedError."""
    try:
        text = body.decode("utf-8")
        document = json.loads(text, parse_constant=_refuse_constant)
        _check_representable(text, document)
    except RefusedError:
        raise
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not JSON in UTF-8: {error}") from None
    return document


def _check_representable(text: str, document: Any) -> None:
    if "\\u" in text:
        if _NUL.search(text):
            raise RefusedError("a string contains the character U+0000")
        if _SURROGATE.search(text):
            # Pairs were joined by the decoder; encoding finds those that stand alone.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    if _LONG_NUMBER.search(text):
        json.loads(text, parse_float=_check_number, parse_int=_check_number)


def _check_number(token: str) -> None:
    digits, _, exponent = token.lower().partition("e")
    if len(digits) > 400 or abs(int(exponent or 0)) > 308:
        raise RefusedError("a number is outside the range of a double")


def _refuse_constant(name: str) -> NoReturn:
    raise RefusedError(f"{name} is not JSON")
