"""PostgreSQL accepts as `jsonb` all that the strict reader accepts: otherwise one text blocks a queue for ever."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redlab_node.strict_json import RefusedError, load

from tests.support.lab import jsonb_rule

_PIECES = (
    *("[", "]", "{", "}", ":", ",", '"a"', '"a":', '"', "\\", " "),
    *("\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u00e9", "\\n", '\\"', "\\\\", "\\u", "é", "\x00"),
    *(
        "1",
        "0",
        "-",
        ".5",
        "e9",
        "E+99",
        "e308",
        "e309",
        "e-400",
        "e99999",
        "9" * 299,
        "9" * 310,
        "NaN",
        "true",
        "null",
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def read(text: str) -> bool:
    try:
        load(text.encode("utf-8", "surrogatepass"))
    except RefusedError:
        return False
    return True


def check(text: str) -> None:
    assert not read(text) or jsonb_rule.takes(text), text


@pytest.mark.parametrize("text", jsonb_rule.TEXTS)
def test_accepted_examples_are_accepted_by_postgresql(text: str) -> None:
    check(text)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
@example('{"a":"\\ud800","a":1}')
def test_accepted_text_is_accepted_by_postgresql(text: str) -> None:
    check(text)
    check(f'{{"a":{text}}}')
    check(f'["{text}"]')
    check(f'{{"a":"{text}","a":"x"}}')


@given(VALUES)
@example(2.2250738585e-313)
def test_json_from_python_is_accepted_unless_postgresql_refuses_it(value: object) -> None:
    text = json.dumps(value)
    assert read(text) == jsonb_rule.takes(text)


def test_the_rule_catches_a_reader_that_checks_only_the_parsed_document() -> None:
    text = '{"a":"\\ud800","a":"x"}'
    assert json.loads(text) == {"a": "x"}
    assert not jsonb_rule.takes(text)


@given(VALUES, st.integers(1, 12))
def test_depth_is_counted_in_the_text(value: object, limit: int) -> None:
    text = json.dumps(value).replace("NaN", "0").replace("-Infinity", "0").replace("Infinity", "0")
    if read(text):
        try:
            load(text.encode(), maximum_depth=limit)
        except RefusedError:
            assert depth(json.loads(text)) > limit
        else:
            assert depth(json.loads(text)) <= limit


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join), st.integers(1, 6), st.integers(0, 20))
@example('{"a":NaN}', 6, 20)
@example("9" * 310, 6, 20)
@example("[[1]]", 1, 20)
def test_a_small_text_is_judged_like_a_large_one(text: str, limit: int, zeros: int) -> None:
    # Where a text is short or has few brackets, some searches are left out.
    for one in (text, f'{{"a":{text}}}', f'["{text}"]'):
        small = verdict(one, limit, zeros)
        assert small == verdict(one + " " * 400, limit, zeros)
        # More brackets than there may be levels, none of them as deep as may be.
        many = "[]," * (limit + 1)
        assert verdict(f"[0,{one}]", limit + 1, zeros) == verdict(f"[{many}{one}]", limit + 1, zeros)


def verdict(text: str, maximum_depth: int, maximum_zeros: int) -> str | None:
    try:
        load(text.encode("utf-8", "surrogatepass"), maximum_depth, maximum_zeros)
    except RefusedError as error:
        return str(error).partition(": ")[0]
    return None


def test_depth_hidden_by_a_duplicate_key_counts() -> None:
    assert not read('{"a":' + "[" * 70 + "]" * 70 + ',"a":1}')


def test_exponents_add_up() -> None:
    text = b"[" + b",".join([b"1e99"] * 100) + b"]"
    assert len(load(text, maximum_zeros=9900)) == 100
    with pytest.raises(RefusedError, match="add up"):
        load(text, maximum_zeros=9899)


def seconds(step: Callable[[], object], times: int = 3) -> float:
    """Return the processor time of the fastest run."""
    found = []
    for _ in range(times):
        began = time.thread_time()
        step()
        found.append(time.thread_time() - began)
    return min(found)


@pytest.fixture(scope="module")
def ordinary_seconds() -> float:
    """A quarter of a megabyte that is ordinary, read twenty times."""
    text = json.dumps([{"a": 1}] * 32_000)
    return 20 * seconds(lambda: json.loads(text))


RUNS = ("9" * 299 + " ") * 900


@pytest.mark.parametrize(
    "text",
    [
        RUNS,
        f'"{RUNS}"',
        '"' + "." * 2**18 + '"',
        '"' + "\\" * 2**18 + '"',
        '"' + "\\ud800" * 43_000 + '"',
        '["' + "[" * 2**18 + '"]',
    ],
    ids=["runs", "runs in a text", "dots", "backslashes", "halves", "brackets in a text"],
)
def test_no_text_takes_much_longer_than_an_ordinary_one(text: str, ordinary_seconds: float) -> None:
    assert seconds(lambda: read(text)) < ordinary_seconds


def test_a_search_that_restarts_at_each_digit_is_caught(ordinary_seconds: float) -> None:
    assert seconds(lambda: re.search(r"\d{300}", RUNS * 2), 1) > ordinary_seconds
