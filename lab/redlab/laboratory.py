"""A lab that is up: its inventory, and the way to its management API."""

from __future__ import annotations

from dataclasses import dataclass

from redlab.inventory import Inventory, parse
from redlab.management import Management
from redlab.pulumi import Stack


@dataclass(frozen=True)
class Laboratory:
    """What every command on a running lab needs."""

    inventory: Inventory
    management: Management


def open_lab(name: str) -> Laboratory:
    """Open the lab of a stack. Raises RedlabError when it is not up."""
    outputs = Stack(name).outputs()
    inventory = parse(outputs["inventory"])
    return Laboratory(inventory, Management(inventory.urls["management"], outputs["adminToken"]))
