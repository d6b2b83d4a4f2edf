"""Which load balancers hold the virtual IPs of their sites."""

from __future__ import annotations

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Inventory, Node


def holder(inventory: Inventory, site: str) -> Node | None:
    """Return the load balancer that has a site's user virtual IP on an interface, None when no one has it just now."""
    return next((node for node in inventory.of_site(site, "loadBalancer") if _holds(inventory, node)), None)


def holders(inventory: Inventory) -> list[Node]:
    """Return the load balancers that have the user virtual IP of their site."""
    return [node for node in inventory.of_role("loadBalancer") if _holds(inventory, node)]


def _holds(inventory: Inventory, node: Node) -> bool:
    address = next(site.virtual_ips["users"] for site in inventory.sites if site.name == node.site)
    try:
        return f" {address}/" in engine.execute(node, ["ip", "-oneline", "-4", "address"])
    except RedlabError:  # stopped or paused: it cannot be asked, and holds nothing that answers
        return False
