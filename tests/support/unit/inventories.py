"""Inventories as a stack would export them: of the stacks of this checkout, and of other topologies."""

from __future__ import annotations

import json

from redlab.model.inventory import Inventory, parse
from redlab.stack import checkout
from redundancy import inventory, loading, topology_file
from redundancy.addressing import AddressPlan
from redundancy.naming import Names
from redundancy.topology import Topology

STACKS = ("ha", "distributed-ha", "dr", "business-continuity")
"""One of each pattern."""


def inventory_of(stack: str) -> Inventory:
    """Return the inventory of a stack."""
    return _exported(loading.load(topology_file.read(checkout.STACKS, stack, {}), stack), stack)


def inventory_of_text(text: str) -> Inventory:
    """Return the inventory of a lab with this topology."""
    return _exported(loading.load(loading.parse(text, "x.yaml"), "x"), "x")


def _exported(topology: Topology, name: str) -> Inventory:
    exported = inventory.inventory(topology, Names(name, topology.pattern, ""), AddressPlan(topology))
    return parse(json.loads(json.dumps(exported)))
