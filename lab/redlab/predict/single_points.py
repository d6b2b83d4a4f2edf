"""Deriving the single points of failure of a topology. Pure. Datasheets compare them with those that drills find."""

from __future__ import annotations

from redlab.model.inventory import Inventory
from redlab.predict.fault_kinds import CRASH
from redlab.predict.parts import declared, part_of_link, part_of_node, part_of_site


def single_points(inventory: Inventory) -> tuple[str, ...]:
    """Return the names of the nodes, sites and links from which nothing takes over automatically.

    An operator's procedure counts as a takeover only for the loss of a whole instance.
    """
    roles = declared(inventory)
    return (
        *(node.name for node in inventory.nodes if part_of_node(inventory, node, roles).alone),
        *(site for site in inventory.data_centers if part_of_site(inventory, site, CRASH, roles).alone),
        *(link.name for link in inventory.links if part_of_link(inventory, link.name).alone),
    )
