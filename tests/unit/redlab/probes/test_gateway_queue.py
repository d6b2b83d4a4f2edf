"""What is stuck in a gateway's queue, by the age of its oldest event, and what waits there just now."""

from __future__ import annotations

import pytest

from redlab.errors import RedlabError
from redlab.measure.others import Item
from redlab.model.inventory import Node
from redlab.probes import gateway_queue, http
from tests.support.unit.inventories import inventory_of

HA = inventory_of("ha")


def answering(monkeypatch: pytest.MonkeyPatch, **queues: tuple[int, float] | None) -> None:
    """Have each gateway say how many events wait and for how long the oldest; None: it does not answer."""

    def get(node: Node, port: int, path: str) -> dict[str, float]:
        assert (port, path) == (8082, "/v1/queue")
        queue = queues[node.name]
        if queue is None:
            raise RedlabError(f"{node.name} does not answer")
        return {"pending_events": queue[0], "oldest_age_seconds": queue[1]}

    monkeypatch.setattr(http, "get", get)


@pytest.mark.parametrize(
    ("gw1", "gw2", "found"),
    [
        ((0, 0.0), (0, 0.0), ()),
        # Collectors that send all the time leave no queue empty for long, and a burst is no fault.
        ((3, 0.4), (40000, 9.9), ()),
        ((3, 0.4), (131, 120.0), ("gw2: 131 events wait, the oldest for 120.0 s",)),
        ((9, 10.0), (3, 0.4), ("gw1: 9 events wait, the oldest for 10.0 s",)),
    ],
)
def test_what_has_waited_for_ten_seconds(
    gw1: tuple[int, float], gw2: tuple[int, float], found: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, gw1=gw1, gw2=gw2)
    assert gateway_queue.waiting(HA, seconds=10.0) == found
    assert gateway_queue.pending_events(HA) == gw1[0] + gw2[0]


def test_a_gateway_that_does_not_answer_is_not_taken_for_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, gw1=None, gw2=(131, 120.0))
    with pytest.raises(RedlabError, match="gw1 does not answer"):
        gateway_queue.waiting(HA)
    assert gateway_queue.known(HA) == {"gw1": None, "gw2": {"pending_events": 131, "oldest_age_seconds": 120.0}}


def test_what_waits_is_named_item_by_item_and_goes_on_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def post(node: Node, port: int, path: str, content: object) -> object:
        asked.append((node.name, port, path, content))
        events = [{"seq": 1, "data": {}}, {"seq": 2, "kind": "metric", "data": {}}]
        return [{"accepted_at": 1.0, "request": {"collector": "c", "events": events}}] if node.name == "gw2" else None

    monkeypatch.setattr(http, "post", post)
    assert gateway_queue.held(HA) == {Item("event", "c", 1), Item("metric", "c", 2)}
    assert {path for _, _, path, _ in asked} == {"/v1/pull"}, "nothing is acknowledged, so nothing is removed"
    assert {name for name, *_ in asked} == {"gw1", "gw2"}
