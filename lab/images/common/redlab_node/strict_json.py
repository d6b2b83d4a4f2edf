"""JSON that PostgreSQL can store as `jsonb`; PostgreSQL refuses some of the JSON that Python accepts. Pure.

The checks search the text, not the parsed document: of two values for one key Python keeps the last, but PostgreSQL
reads both. Each search takes time proportional to the text's length, for any text.
"""

import json
import math
import re
from itertools import accumulate
from typing import Any, NoReturn

MAXIMUM_DEPTH = 64
MAXIMUM_NUMBER_CHARACTERS = 400
MAXIMUM_EXPONENT = 324  # the least double is 5e-324; a number above the largest parses as infinity
_NUL = "a string contains the character U+0000"
_ALONE = "a string contains half of a surrogate pair"
_OUTSIDE = "a number is outside the range of a double"
_HALF = re.compile(r"\\u(?:[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u)[dD][c-fC-F])")
_EXPONENT = re.compile(r"\d[eE][+-]?\d\d")
# A translation table finds a long run of digits in the same time for any text; a regular expression does not.
_AS_DIGITS = bytes(ord("0") if letter in b"0123456789." else letter for letter in range(256))
_MANY_DIGITS = b"0" * 300
_NO_STRUCTURE = bytes(sorted(set(range(256)) - set(b'[]{}"')))
_STEPS = {letter: 1 if letter in b"[{" else -1 for letter in b"[]{}"}
_STRING = re.compile(rb'"[^"]*"')


class RefusedError(ValueError):
    """The text is not acceptable JSON; the message gives the reason."""


def load(body: bytes, maximum_depth: int = MAXIMUM_DEPTH, maximum_zeros: float = math.inf) -> Any:
    """Parse a document in UTF-8; raises RefusedError.

    ``maximum_zeros``: the limit for the sum of all exponents, because a database writes 1e99 with all its zeros.
    """
    try:
        text = body.decode("utf-8")
        document = _parse(text, maximum_zeros) if _has_unusual_number(body, text) else _DECODER.decode(text)
    except RefusedError:
        raise
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not JSON in UTF-8: {error}") from None
    if "\\u" in text:
        _check_escapes(text)
    if _deeper(body, maximum_depth):
        raise RefusedError(f"it is nested more than {maximum_depth} deep")
    return document


def _parse(text: str, maximum_zeros: float) -> Any:
    """Parse a document with unusual numbers: each number is checked."""
    zeros = 0

    def real(token: str) -> float:
        nonlocal zeros
        digits = abs(int(token.lower().partition("e")[2] or 0))
        value = float(token)
        if len(token) > MAXIMUM_NUMBER_CHARACTERS or digits > MAXIMUM_EXPONENT or math.isinf(value):
            raise RefusedError(_OUTSIDE)
        zeros += digits
        if zeros > maximum_zeros:
            raise RefusedError(f"exponents add up to more than {maximum_zeros} digits")
        return value

    def whole(token: str) -> int:
        if len(token) > MAXIMUM_NUMBER_CHARACTERS or math.isinf(float(token)):
            raise RefusedError(_OUTSIDE)
        return int(token)

    return json.loads(text, parse_constant=_refuse_constant, parse_float=real, parse_int=whole)


def _check_escapes(text: str) -> None:
    # The two spaces keep the text before and after an escaped backslash apart.
    text = text.replace("\\\\", "  ")
    if "\\u0000" in text:
        raise RefusedError(_NUL)
    if _HALF.search(text):
        raise RefusedError(_ALONE)


def _has_unusual_number(body: bytes, text: str) -> bool:
    if _EXPONENT.search(text):
        return True
    return len(body) >= len(_MANY_DIGITS) and _MANY_DIGITS in body.translate(_AS_DIGITS)


def _deeper(body: bytes, maximum_depth: int) -> bool:
    """Tell whether a JSON text is nested deeper than ``maximum_depth``."""
    if body.count(b"[") + body.count(b"{") <= maximum_depth:
        return False
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_STRUCTURE)
    bare = _STRING.sub(b"", bare.replace(b'""', b""))
    return any(map(maximum_depth.__lt__, accumulate(map(_STEPS.__getitem__, bare))))


def _refuse_constant(name: str) -> NoReturn:
    raise RefusedError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
"""Created once: with any argument, `json.loads` creates a decoder for each text."""
