"""When the gateways' queues count as drained: what waits came after the drill's last event."""

from __future__ import annotations

import time

import pytest
from tests.unit.redlab.inventories import inventory_of

from redlab.probes import gateway_queue, http


@pytest.mark.parametrize(
    ("pending", "oldest_age_seconds", "drained"),
    [
        ([0, 0], [0.0, 0.0], True),
        # Collectors that send all the time leave no queue empty for long.
        ([3, 40], [0.4, 9.9], True),
        ([3, 40], [0.4, 10.1], False),
        ([0, 1], [0.0, 3600.0], False),
    ],
)
def test_only_what_waited_before_counts(
    pending: list[int], oldest_age_seconds: list[float], drained: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = inventory_of("ha")
    names = [gateway.name for gateway in inventory.of_role("gateway")]
    queues = {
        name: {"pending_events": events, "oldest_age_seconds": age}
        for name, events, age in zip(names, pending, oldest_age_seconds, strict=True)
    }
    monkeypatch.setattr(http, "get", lambda node, port, path: queues[node.name])
    monkeypatch.setattr(time, "monotonic", lambda: 110.0)
    assert gateway_queue.drained(inventory, since=100.0) == drained
    assert gateway_queue.pending_events(inventory) == sum(pending)
