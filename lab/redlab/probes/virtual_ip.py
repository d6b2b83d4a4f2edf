"""Which load balancers hold the virtual IPs of their sites."""

from __future__ import annotations

import re

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redundancy.roles import Role


def holder(inventory: Inventory, site: str) -> Node | None:
    """Return the load balancer that has a site's user virtual IP on an interface, None when no one has it just now."""
    return next((node for node in inventory.of_site(site, Role.LOAD_BALANCER) if _holds(inventory, node)), None)


def holders(inventory: Inventory) -> list[Node]:
    """Return the load balancers that have the user virtual IP of their site."""
    return [node for node in inventory.of_role(Role.LOAD_BALANCER) if _holds(inventory, node)]


def addresses(inventory: Inventory, site: str) -> dict[str, str]:
    """Return the virtual IPs of a site, by what they are for."""
    return dict(next(each.virtual_ips for each in inventory.sites if each.name == site))


def held(inventory: Inventory, site: str) -> dict[str, set[str]]:
    """Return what addresses each load balancer of a site has on its interfaces; none where it cannot be asked."""
    return {node.name: _own(node) for node in inventory.of_site(site, Role.LOAD_BALANCER)}


def _holds(inventory: Inventory, node: Node) -> bool:
    return addresses(inventory, node.site)["users"] in _own(node)


def _own(node: Node) -> set[str]:
    try:
        said = engine.execute(node, ["ip", "-oneline", "-4", "address"])
    except RedlabError:  # stopped or paused: it cannot be asked, and holds nothing that answers
        return set()
    return set(re.findall(r" inet ([0-9.]+)/", said))
