"""What the topology file of a stack and its config declare, whether or not it is up. Pure but for reading the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redlab.stack import checkout
from redundancy import inventory, loading, rules, topology_file
from redundancy.addressing import AddressPlan
from redundancy.naming import Names
from redundancy.topology import Topology


def topology_source(stack: str, config: Mapping[str, Any]) -> loading.Source:
    """Return what the topology file of a stack says together with the stack's overrides."""
    name = config.get("redundancy:topology") or stack
    return topology_file.read(checkout.STACKS, name, config.get("redundancy:overrides"))


def validated(stack: str, config: Mapping[str, Any]) -> Topology:
    """Return the topology of a stack. Raises DocumentError when it is not allowed."""
    return rules.accept(topology_source(stack, config), stack, config.get("redundancy:addressPool"))


def planned_inventory(topology: Topology, owner: str = "") -> dict[str, Any]:
    """Return the inventory that a lab of this topology exports once it is up."""
    return inventory.inventory(topology, Names(topology.name, topology.pattern, owner), AddressPlan(topology))
