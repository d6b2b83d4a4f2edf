"""JSON that PostgreSQL can hold as `jsonb`, which refuses some of what JSON allows. Pure.

What is looked for is looked for in the text: of two values of one key Python keeps the last, and PostgreSQL reads both.
Each search takes time in proportion to the text, whatever the text is.
"""

import json
import math
import re
from itertools import accumulate
from typing import Any, NoReturn

MAXIMUM_DEPTH = 64
MAXIMUM_NUMBER_CHARACTERS = 400
MAXIMUM_EXPONENT = 324  # the least double is 5e-324; of the largest infinity tells
_NUL = "a string contains the character U+0000"
_ALONE = "a string contains half of a surrogate pair"
_OUTSIDE = "a number is outside the range of a double"
_HALF = re.compile(r"\\u(?:[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u)[dD][c-fC-F])")
_EXPONENT = re.compile(r"\d[eE][+-]?\d\d")
# A long run of digits is looked for by what takes the same time for any text, as no regular expression does.
_AS_DIGITS = bytes(ord("0") if letter in b"0123456789." else letter for letter in range(256))
_MANY_DIGITS = b"0" * 300
_NO_STRUCTURE = bytes(sorted(set(range(256)) - set(b'[]{}"')))
_STEPS = {letter: 1 if letter in b"[{" else -1 for letter in b"[]{}"}
_STRING = re.compile(rb'"[^"]*"')


class RefusedError(ValueError):
    """The text is no such JSON; the message says why."""


def load(body: bytes, maximum_depth: int = MAXIMUM_DEPTH, maximum_zeros: float = math.inf) -> Any:
    """Read a document in UTF-8; raises RefusedError.

    ``maximum_zeros``: how many digits exponents may add up to, since a database writes 1e99 with each of its zeros.
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
    """Read a document in which numbers may be unusual: each of them is looked at."""
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
    # What is left of an escaped backslash separates what stood before and after it.
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
    """Whether a text that is JSON is nested deeper."""
    if body.count(b"[") + body.count(b"{") <= maximum_depth:
        return False
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_STRUCTURE)
    bare = _STRING.sub(b"", bare.replace(b'""', b""))
    return any(map(maximum_depth.__lt__, accumulate(map(_STEPS.__getitem__, bare))))


def _refuse_constant(name: str) -> NoReturn:
    raise RefusedError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
"""Made once: `json.loads` makes one for each text where it is given anything."""
