"""Inventories of topologies that are written as text, for tests."""

from __future__ import annotations

from typing import Any

from redundancy import loading
from redundancy.addressing import AddressPlan
from redundancy.inventory import inventory
from redundancy.naming import Names


def described(pattern: str, sites: str = "{dc1: {}}", lab: str = "x") -> dict[str, Any]:
    topology = loading.load(loading.parse(f"pattern: {pattern}\nsites: {sites}\n", f"{lab}.yaml"), lab)
    return inventory(topology, Names(lab, pattern, "me"), AddressPlan(topology))
