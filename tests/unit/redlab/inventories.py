"""Inventories of the stacks of this checkout, as their stack would export them."""

from __future__ import annotations

import json

from redlab import checkout
from redlab.inventory import Inventory, parse
from redundancy import inventory, loading, topology_file
from redundancy.addressing import AddressPlan
from redundancy.naming import Names

STACKS = ("ha", "distributed-ha", "dr", "business-continuity")
"""One of each pattern."""


def inventory_of(stack: str) -> Inventory:
    """Return the inventory of a stack."""
    topology = loading.load(topology_file.read(checkout.STACKS, stack, {}), stack)
    exported = inventory.inventory(topology, Names(stack, topology.pattern, ""), AddressPlan(topology))
    return parse(json.loads(json.dumps(exported)))
