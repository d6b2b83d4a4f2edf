"""What the gateways have accepted and no DPS has taken yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from redlab.inventory import Inventory, Node
from redlab.probes import http


def pending_events(inventory: Inventory) -> int:
    """Return the number of events waiting in all gateways. Raises RedlabError when a gateway does not answer."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        return sum(pool.map(_pending, inventory.of_role("gateway")))


def _pending(gateway: Node) -> int:
    return int(http.get(gateway, 8082, "/v1/queue")["pending_events"])
