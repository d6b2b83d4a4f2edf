"""What PostgreSQL takes as `jsonb`, written down a second time, letter by letter; and texts to try it with.

`test_hostile_requests.py` has a real PostgreSQL judge the same texts.
"""

from __future__ import annotations

import re
from decimal import Decimal

_SPACE = " \t\n\r"
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DIGITS_BEFORE, _DIGITS_AFTER = 131072, 16383
_SIMPLE = '"\\/bfnrt'

TEXTS = (
    *('{"a":"\\ud800","a":"x"}', '{"a":"x","a":"\\ud800"}', '{"a":"\\ud83d\\ude00"}', '{"a":"\\ud83d\\\\\\ude00"}'),
    *(
        '{"\\ud800":1}',
        '{"a":"\\udc00\\ud800"}',
        '{"a":"\\\\ud800"}',
        '{"a":"\\\\\\ud800"}',
        '{"a":"\\ud83d\\ud83d\\ude00"}',
    ),
    *('{"a":"\\u0000","a":1}', '{"\\u0000":1}', '{"a":"\\\\u0000"}', '{"a":"\\\\\\u0000"}', '{"a":"\\u005cu0000"}'),
    *('{"a":1e99}', '{"a":1e308}', '{"a":1e309}', '{"a":1e999999999999}', '{"a":0e999999999999}', '{"a":1e-99999}'),
    *(
        '{"a":1e999,"a":1}',
        '{"a":NaN,"a":1}',
        '{"a":-Infinity}',
        '{"a":01}',
        '{"a":1.}',
        '{"a":.5}',
        '{"a":+1}',
        '{"a":-0}',
    ),
    *(
        '{"a":' + "9" * 299 + "}",
        '{"a":' + "9" * 5000 + "}",
        '{"a":0.' + "1" * 20000 + "}",
        '{"a":"' + "9" * 5000 + '"}',
    ),
    *("[" * 39 + "]" * 39, "[" * 3000 + "]" * 3000, '{"a":' * 39 + "1" + "}" * 39, '["[[[", "]", "{\\"[", "\\\\"]'),
    *(
        '{"a":"\x01"}',
        '{"a":"\x7f"}',
        '{"a":"\u2028"}',
        '{"a":"\\x41"}',
        '{"a":"\\U0041"}',
        '{"a":"\\u12g4"}',
        "{'a':1}",
    ),
    *('{"a":1,}', '{"a" 1}', "[1 2]", "[1,]", "", " ", "nul", "tru", '"', '{"a":"', "[1]x", "\ufeff[1]", "\u00a0[1]"),
)
"""Texts of which some are taken and some are not."""


class RefusedError(ValueError):
    """PostgreSQL does not take the text."""


def takes(text: str) -> bool:
    """Whether PostgreSQL takes a text as `jsonb`; of numbers and depth it takes what is well within its bounds."""
    try:
        end = _value(text, _skipped(text, 0), 0)
    except (RefusedError, IndexError):
        return False
    return _skipped(text, end) == len(text)


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _value(text: str, at: int, depth: int) -> int:
    if depth > 200:
        raise RefusedError("depth")
    if text[at] in "[{":
        return _container(text, at, depth)
    if text[at] == '"':
        return _string(text, at)
    for word in ("true", "false", "null"):
        if text.startswith(word, at):
            return at + len(word)
    found = _NUMBER.match(text, at)
    if not found:
        raise RefusedError("no value")
    _, digits, exponent = Decimal(found[0]).as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + exponent > _DIGITS_BEFORE or -exponent > _DIGITS_AFTER or abs(exponent) > _DIGITS_BEFORE:
        raise RefusedError("number")
    return found.end()


def _container(text: str, at: int, depth: int) -> int:
    of_names, close = text[at] == "{", "}" if text[at] == "{" else "]"
    at = _skipped(text, at + 1)
    if text[at] == close:
        return at + 1
    while True:
        if of_names:
            if text[at] != '"':
                raise RefusedError("no name")
            at = _skipped(text, _string(text, at))
            if text[at] != ":":
                raise RefusedError("no colon")
            at = _skipped(text, at + 1)
        at = _skipped(text, _value(text, at, depth + 1))
        if text[at] == close:
            return at + 1
        if text[at] != ",":
            raise RefusedError("no comma")
        at = _skipped(text, at + 1)


def _string(text: str, at: int) -> int:
    at, high = at + 1, False
    while text[at] != '"' or high:
        low = False
        if text[at] < " ":
            raise RefusedError("control character")
        if text[at] != "\\":
            at += 1
        elif text[at + 1] in _SIMPLE:
            at += 2
        else:
            found = re.compile(r"\\u([0-9a-fA-F]{4})").match(text, at)
            code = int(found[1], 16) if found else 0
            if not code:
                raise RefusedError("no escape, or NUL")
            low = 0xDC00 <= code < 0xE000
            if low != high:
                raise RefusedError("half of a pair")
            high, at = 0xD800 <= code < 0xDC00, at + 6
            continue
        if high:
            raise RefusedError("half of a pair")
    return at + 1
