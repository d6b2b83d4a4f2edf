import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redlab_gateway.batches import MAX_EVENT_CHARACTERS, MAX_VALUES, MalformedBatchError, parse
from redlab_gateway.store import Store


def body(collector: object = "c1", events: object = None) -> bytes:
    return json.dumps({"collector": collector, "events": events or [{"seq": 1, "data": {}}]}).encode()


def data(raw: str) -> bytes:
    return b'{"collector": "c1", "events": [{"seq": 1, "data": {"value": %b}}]}' % raw.encode()


def test_content_hidden_by_a_duplicate_key_is_refused() -> None:
    with pytest.raises(MalformedBatchError, match="surrogate"):
        parse(b'{"collector": "c1", "events": [{"seq":1,"data":{"a":"\\ud800","a":"x"}}]}')


def test_an_event_is_bounded_and_a_batch_of_small_ones_is_not() -> None:
    text = '"' + "x" * (MAX_EVENT_CHARACTERS - 100) + '"'
    assert parse(data(text)).events == 1
    with pytest.raises(MalformedBatchError, match="65536 characters"):
        parse(data('"' + "x" * MAX_EVENT_CHARACTERS + '"'))
    many = json.dumps([{"seq": n, "data": {"a": "x" * 100}} for n in range(7000)])
    assert parse(b'{"collector": "c1", "events": %b}' % many.encode()).events == 7000


def test_the_values_of_a_batch_are_bounded() -> None:
    assert parse(data("[" + "0," * (MAX_EVENT_CHARACTERS // 2 - 100) + "0]")).events == 1
    with pytest.raises(MalformedBatchError, match="131072 values"):
        parse(data("[" + "0," * MAX_VALUES + "0]"))


@given(st.text("[]{},:0 ", max_size=40), st.integers(1, 9))
@example("[0]", 3)
def test_a_batch_that_is_too_short_to_have_too_many_values_is_judged_like_a_long_one(raw: str, events: int) -> None:
    batch = b'{"collector":"c1","events":[%b]}' % b",".join([b'{"seq":1,"data":{"value":%b}}' % raw.encode()] * events)
    assert verdict(batch) == verdict(batch + b" " * MAX_VALUES)


def verdict(batch: bytes) -> int | None:
    try:
        return parse(batch).events
    except MalformedBatchError:
        return None


def test_numbers_that_grow_when_they_are_written_out_are_bounded() -> None:
    assert parse(data("[" + "1e99," * 1000 + "1]")).events == 1
    with pytest.raises(MalformedBatchError, match="add up"):
        parse(data("[" + "1e99," * 12_000 + "1]"))


@pytest.mark.parametrize("raw", ["1.5", "1e300", '"\\u00e9 \\ud83d\\ude00 \\\\u0000"', '"1e999"', "null", "[[]]"])
def test_a_storable_batch_is_accepted_with_its_text_unchanged(raw: str) -> None:
    batch = parse(data(raw))
    assert (batch.events, batch.body) == (1, data(raw))


@pytest.mark.parametrize(
    "raw", ['"\\u0000"', '"\\\\\\u0000"', '"\\ud800"', '"\\uDC00 x"', "1e999", "1e-9999", "NaN", "Infinity", "9" * 5000]
)
def test_a_batch_that_would_block_the_queue_is_refused(raw: str) -> None:
    with pytest.raises(MalformedBatchError):
        parse(data(raw))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"collector": "c1", "events": []}',
        b"[" * 100_000,
        body(collector=1),
        body(collector=""),
        body(collector="c" * 256),
        body(events={"seq": 1}),
        body(events=[1]),
        body(events=[{"data": {}}]),
        body(events=[{"seq": True, "data": {}}]),
        body(events=[{"seq": -1, "data": {}}]),
        body(events=[{"seq": 2**63, "data": {}}]),
        body(events=[{"seq": 1.0, "data": {}}]),
        body(events=[{"seq": 1, "data": []}]),
    ],
)
def test_a_body_that_is_no_batch_is_refused(wrong: bytes) -> None:
    with pytest.raises(MalformedBatchError):
        parse(wrong)


def test_the_store_hands_out_the_oldest_and_never_uses_an_id_twice(tmp_path: Path) -> None:
    store = Store(tmp_path / "queue.sqlite")
    store.append([parse(body()), parse(body("c2")), parse(body("c3"))])
    first = store.oldest(max_events=2, max_bytes=10_000)
    assert first is not None
    assert [batch["request"]["collector"] for batch in json.loads(first.body)] == ["c1", "c2"]
    store.remove(first.through)
    assert store.held().events == 1
    store.remove(first.through + 1)
    assert store.held() == (0, 0)
    store.close()

    reopened = Store(tmp_path / "queue.sqlite")
    reopened.append([parse(body())])
    again = reopened.oldest(max_events=1, max_bytes=1)
    assert again is not None
    assert again.queue == first.queue
    assert again.through > first.through + 1
    reopened.remove(first.through)
    assert reopened.held().events == 1
    reopened.close()
