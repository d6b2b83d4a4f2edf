"""Which load balancer holds the virtual IPs."""

from __future__ import annotations

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Inventory, Node


def holder(inventory: Inventory) -> Node | None:
    """Return the load balancer that has the user virtual IP on an interface, None when no one has it just now."""
    for node in inventory.of_role("loadBalancer"):
        try:
            addresses = engine.execute(node, ["ip", "-oneline", "-4", "address"])
        except RedlabError:  # stopped or paused: it cannot be asked, and holds nothing that answers
            continue
        if f" {inventory.virtual_ips['users']}/" in addresses:
            return node
    return None
