"""What the gateways have accepted and no DPS has taken yet."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from redlab.inventory import Inventory, Node
from redlab.probes import http


def pending_events(inventory: Inventory) -> int:
    """Return the number of events waiting in all gateways. Raises RedlabError when a gateway does not answer."""
    return sum(queue["pending_events"] for queue in _queues(inventory))


def drained(inventory: Inventory, since: float) -> bool:
    """Whether no event waits that was accepted before ``since`` (monotonic seconds); later ones may always be waiting.

    Raises RedlabError when a gateway does not answer.
    """
    seconds = time.monotonic() - since
    return all(queue["pending_events"] == 0 or queue["oldest_age_seconds"] < seconds for queue in _queues(inventory))


def state(gateway: Node) -> dict[str, Any]:
    """Return what a gateway says of its queue (docs/container-contract.md). Raises RedlabError without an answer."""
    found: dict[str, Any] = http.get(gateway, 8082, "/v1/queue")
    return found


def _queues(inventory: Inventory) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(state, inventory.of_role("gateway")))
