"""A collector without a twin sends to one instance, and to the other while that one is down."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from redlab_collector import sender
from redlab_collector.exchange import Ending, Limits
from redlab_collector.items import Measurements
from redlab_collector.operation import Kind, Operation, Outcome, Result
from redlab_collector.sender import Sender
from redlab_collector.target import Target, takers
from redlab_dps.kinds import may_be_untwinned
from redlab_dps.shared_event import content_of
from redlab_gateway.batches import MalformedBatchError, parse

FIRST, SECOND = Target("one:8080", ("127.0.0.1", 1)), Target("other:8080", ("127.0.0.1", 2))


def sent(monkeypatch: pytest.MonkeyPatch, outcomes: dict[int, list[Outcome]]) -> tuple[list[Result], list[int]]:
    """Send one operation for each outcome of the first target; return the results and the contacted targets."""
    asked: list[int] = []
    results: list[Result] = []

    async def exchange(target: Target, _request: bytes, _limits: Limits) -> Ending:
        asked.append(target.address[1])
        return Ending(outcomes[target.address[1]].pop(0))

    async def run() -> None:
        one = Sender([FIRST, SECOND], FIRST, Measurements("c"), 1, Limits(), results.append)
        for n in range(4):
            await one.run([Operation(Kind.COLLECT, n, time.monotonic(), 1)])

    monkeypatch.setattr(sender, "exchange", exchange)
    asyncio.run(run())
    return results, asked


def test_the_other_instance_takes_over_until_it_fails_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ok, fail, unknown = Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN
    results, asked = sent(monkeypatch, {1: [ok, fail, ok], 2: [ok, ok, unknown]})
    assert [result.outcome for result in results] == [ok] * 4
    assert asked == [1, 1, 2, 2, 2, 1]


def test_an_event_that_may_have_arrived_is_not_reported_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    fail, unknown = Outcome.FAIL, Outcome.UNKNOWN
    results, _ = sent(monkeypatch, {1: [unknown] + [fail] * 3, 2: [fail] * 4})
    assert [result.outcome for result in results] == [unknown, fail, fail, fail]


def test_the_targets_are_read_from_the_environment() -> None:
    alone = {"REDLAB_COLLECTOR_URL": "http://127.0.0.1:8080"}
    assert [one.address for one in takers(alone)] == [("127.0.0.1", 8080)]
    both = {**alone, "REDLAB_OTHER_COLLECTOR_URLS": "http://127.0.0.2:8080"}
    assert [one.address for one in takers(both)] == [("127.0.0.1", 8080), ("127.0.0.2", 8080)]


def test_its_batches_declare_that_it_has_no_twin() -> None:
    body = FIRST.post_events(Measurements("om", alone=True), 1, 2).partition(b"\r\n\r\n")[2]
    assert json.loads(body)["twin"] is False
    assert parse(body).events == 2
    assert may_be_untwinned(body.decode())
    other = FIRST.post_events(Measurements("c"), 1, 2).partition(b"\r\n\r\n")[2]
    assert "twin" not in json.loads(other)
    assert not may_be_untwinned(other.decode())
    with pytest.raises(MalformedBatchError, match="twin"):
        parse(body.replace(b"false", b'"no"', 1))


def test_the_content_of_an_event_is_sent_with_it_or_not_at_all() -> None:
    said = {"gateway": "dc1-gw1", "accepted_at": 1.5, "data": {"a": 1}}
    assert content_of({"content": said}) == said
    assert content_of({}) is None
    for wrong in ({**said, "data": 1}, {**said, "accepted_at": "never"}, {"gateway": "dc1-gw1"}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            content_of({"content": wrong})
