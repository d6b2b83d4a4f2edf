"""A chunk that cannot be written is divided until the event that the database refuses is alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redlab_dps.apart import halves
from redlab_node.parts import parts


def chunk(*batches: list[Any]) -> str:
    listed = [
        {"accepted_at": 1.5, "request": {"collector": "c", "events": [{"seq": n, "data": {}} for n in batch]}}
        for batch in batches
    ]
    return json.dumps(listed)


def written(body: str, poison: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts in the order of writing, and whether each was written."""
    if poison not in body:
        yield body, True
        return
    found = halves(body)
    if len(found) < 2:
        yield body, False
        return
    for part in found:
        yield from written(part, poison)


def seqs(body: str) -> list[Any]:
    return [event["seq"] for batch in json.loads(body) for event in batch["request"]["events"]]


@given(st.lists(st.lists(st.integers(0, 99), min_size=1), min_size=1), st.data())
def test_only_the_bad_event_is_left_out_and_the_others_keep_their_order(
    batches: list[list[int]], data: st.DataObject
) -> None:
    numbers = [(i, j) for i, batch in enumerate(batches) for j in range(len(batch))]
    i, j = data.draw(st.sampled_from(numbers))
    marked: list[list[Any]] = [list(batch) for batch in batches]
    marked[i][j] = "poison"
    pieces = list(written(chunk(*marked), '"poison"'))
    assert [seqs(body) for body, taken in pieces if not taken] == [["poison"]]
    assert [seq for body, _ in pieces for seq in seqs(body)] == [seq for batch in marked for seq in batch]


def test_numbers_stay_as_they_were_written() -> None:
    body = chunk([1], [2]).replace(
        '"data": {}', '"data": {"a": 1e400, "b": 0.10000000000000000001, "c": %s}' % ("9" * 5000)
    )
    first, second = halves(body)
    for part in (first, second):
        assert "1e400" in part
        assert "0.10000000000000000001" in part
        assert "9" * 5000 in part


def test_of_two_values_the_last_counts_as_in_postgresql() -> None:
    first, _ = halves(chunk([1], [2]).replace('"data": {}', '"data": {"a":"\\ud800","a":"x"}'))
    assert json.loads(first)[0]["request"]["events"][0]["data"] == {"a": "x"}
    assert "ud800" not in first


@pytest.mark.parametrize("body", ["", "1", "[" * 5000, '{"a": 1}'])
def test_text_that_is_no_chunk_is_refused(body: str) -> None:
    with pytest.raises((ValueError, TypeError, RecursionError)):
        halves(body)


@pytest.mark.parametrize("body", ["[1]", "[{}]", '[{"request": 1}]', '[{"request": {"events": 1}}]', chunk([1])])
def test_an_indivisible_chunk_is_returned_alone(body: str) -> None:
    assert len(halves(body)) == 1


@given(st.lists(st.text(max_size=20)), st.integers(1, 40))
def test_messages_are_split_into_parts_that_the_server_accepts(messages: list[str], limit: int) -> None:
    found = parts(messages, limit)
    assert [message for part in found for message in part] == messages
    assert all(len(part) == 1 or sum(map(len, part)) <= limit for part in found if part)
    assert all(found) or found == [[]]
