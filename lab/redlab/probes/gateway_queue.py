"""What the gateways have accepted and no DPS has taken yet."""

from __future__ import annotations

from redlab.inventory import Inventory
from redlab.probes import http


def pending_events(inventory: Inventory) -> int:
    """Return the number of events waiting in all gateways. Raises RedlabError when a gateway does not answer."""
    return sum(int(http.get(node, 8082, "/v1/queue")["pending_events"]) for node in inventory.of_role("gateway"))
