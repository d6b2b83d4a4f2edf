"""Items beside events: the mix of a load, and how they are found in a chunk."""

import json
from collections import Counter

import pytest
from redlab_collector.items import LOAD_ITEMS, MIX, Load, Measurements, who_fails
from redlab_collector.target import Target
from redlab_dps.kinds import METRIC, TOPOLOGY, kinds_in
from redlab_gateway.batches import MalformedBatchError, parse

from redlab.measure.history import Operation, parse_history

TARGET = Target("vip:8080", ("127.0.0.1", 8080))


def sent(items: Load | Measurements, first: int, count: int) -> list[dict[str, object]]:
    """The items of a request, as a gateway parses them."""
    body = TARGET.post_events(items, first, count).partition(b"\r\n\r\n")[2]
    assert parse(body).events == count
    found: list[dict[str, object]] = json.loads(body)["events"]
    return found


@pytest.mark.parametrize("items", [Load("c"), Load('odd " \\ ä', steady_topology=True), Measurements("c")])
def test_of_ten_items_seven_are_events_two_metrics_one_topology(items: Load | Measurements) -> None:
    for first in (1, 17, 2**50):
        kinds = Counter(item.get("kind", "event") for item in sent(items, first, 10))
        assert kinds == {"event": 7, "metric": 2, "topology": 1}


@pytest.mark.parametrize("number", [0, 1])
def test_twins_that_measure_in_turn_send_every_kind(number: int) -> None:
    own = [item for seq in range(number, 20, 2) for item in sent(Measurements("c", 2), seq, 1)]
    assert Counter(item.get("kind", "event") for item in own) == {"event": 7, "metric": 2, "topology": 1}


def test_the_topology_of_a_load_describes_few_items() -> None:
    data = [item["data"] for item in sent(Load("c"), 1, 1000) if item.get("kind") == "topology"]
    assert len(data) == 100
    assert len({item["name"] for item in data}) == LOAD_ITEMS  # type: ignore[index]
    assert len({json.dumps(item["attributes"]) for item in data}) == 100  # type: ignore[index]
    steady = [item["data"] for item in sent(Load("c", steady_topology=True), 1, 1000) if item.get("kind") == "topology"]
    assert len({json.dumps(item) for item in steady}) == LOAD_ITEMS


def test_the_history_records_the_kind_of_each_number() -> None:
    kinds = "".join(Load("c").kind(seq) for seq in range(1, 41))
    line = json.dumps(
        {
            "op": "collect",
            "n": 0,
            "events": 40,
            "kinds": kinds,
            "scheduled": 1,
            "sent": 1,
            "completed": 2,
            "outcome": "ok",
        }
    )
    (operation,) = parse_history([line + "\n"], collector_id="c").operations
    by_kind: dict[str, list[int]] = {"event": [], "metric": [], "topology": []}
    for item in sent(Load("c"), 1, 40):
        by_kind[str(item.get("kind", "event"))].append(int(str(item["seq"])))
    assert {kind: operation.numbers(kind) for kind in by_kind} == by_kind  # type: ignore[arg-type]
    about = {item["seq"]: item["data"]["name"] for item in sent(Load("c"), 1, 40) if item.get("kind") == "topology"}  # type: ignore[index]
    assert {seq: f"load-{number}" for seq, number in operation.configuration_items.items()} == about


def test_a_history_without_kinds_is_one_of_events() -> None:
    line = '{"op":"collect","n":0,"events":3,"scheduled":1,"sent":1,"completed":2,"outcome":"ok"}\n'
    (operation,) = parse_history([line], collector_id="c").operations
    assert isinstance(operation, Operation)
    assert (operation.numbers("event"), operation.numbers("metric")) == ([1, 2, 3], [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"seq":1,"data":{"metric":"load"}}', set()),
        ('{"seq":1,"kind":"event","data":{}}', set()),
        ('{"seq":1,"kind":"metric","data":{}}', {METRIC}),
        ('{"seq":1,"kind" :\n "topology","data":{}},{"kind":"metric"}', {METRIC, TOPOLOGY}),
        ('{"seq":1,"\\u006bind":"metric","data":{}}', {METRIC, TOPOLOGY}),
    ],
)
def test_the_kinds_of_a_chunk_are_found(text: str, found: set[str]) -> None:
    assert kinds_in(f'[{{"accepted_at":1,"request":{{"collector":"c","events":[{text}]}}}}]') == found


ITEM = {"type": "host", "name": "h", "attributes": {}}


@pytest.mark.parametrize(
    ("kind", "data", "good"),
    [
        ("event", {}, True),
        ("metric", {"metric": "m", "value": 1.5}, True),
        ("metric", {"metric": "m", "value": 0}, True),
        ("topology", ITEM, True),
        ("topology", {**ITEM, "attributes": None}, True),
        ("metric", {"value": 1}, False),
        ("metric", {"metric": "", "value": 1}, False),
        ("metric", {"metric": "m", "value": "1"}, False),
        ("metric", {"metric": "m", "value": True}, False),
        ("topology", {"type": "host", "name": "h"}, False),
        ("topology", {**ITEM, "type": "Host"}, False),
        ("topology", {**ITEM, "name": "a\nb"}, False),
        ("topology", {**ITEM, "name": "n" * 201}, False),
        ("topology", {**ITEM, "attributes": []}, False),
        ("alarm", {}, False),
        (None, {}, False),
        (1, {}, False),
    ],
)
def test_items_that_could_not_be_stored_are_refused(kind: object, data: dict[str, object], good: bool) -> None:
    body = json.dumps({"collector": "c", "events": [{"seq": 1, "kind": kind, "data": data}]}).encode()
    if good:
        assert parse(body).events == 1
    else:
        with pytest.raises(MalformedBatchError, match=r"kind|metric|type|name|attributes"):
            parse(body)


def test_a_load_may_consist_of_events_only() -> None:
    items = Load("c", only_events=True)
    assert not any("kind" in item for item in sent(items, 1, 20))
    assert {items.kind(seq) for seq in range(20)} == {"e"}


def test_the_mix_is_the_documented_one() -> None:
    assert Counter(MIX) == {"e": 7, "m": 2, "t": 1}


def test_twins_differ_rarely_and_one_of_them_at_a_time() -> None:
    intervals = range(1_700_000_000, 1_700_000_000 + 5000)
    first, second = ([Measurements("c", 1, twin).text(seq) for seq in intervals] for twin in (0, 1))
    differ = [seq for seq, one, other in zip(intervals, first, second, strict=True) if one != other]
    failing = [who_fails("c", seq) for seq in intervals]
    # One in fifty: 100 expected of 5,000, and no topology among them.
    assert 60 < sum(one is not None for one in failing) < 140
    assert differ == [
        seq for seq, who in zip(intervals, failing, strict=True) if who is not None and MIX[seq % 10] != "t"
    ]
    assert {who for who in failing if who is not None} == {0, 1}
    for seq in differ:
        texts = [first[seq - intervals[0]], second[seq - intervals[0]]]
        assert sum('"failed"' in text or '"value":0}' in text for text in texts) == 1
    # A load and a collector without a twin never measure a difference.
    assert not any("failed" in Measurements("c").text(seq) for seq in intervals)
