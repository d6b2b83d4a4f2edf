"""A lab that is up: its inventory, and the way to its management API."""

from __future__ import annotations

from dataclasses import dataclass, replace

from redlab.control.management import Management
from redlab.model.inventory import Inventory, parse
from redlab.stack.pulumi import Stack
from redundancy import credentials


@dataclass(frozen=True)
class Laboratory:
    """What every command on a running lab needs."""

    inventory: Inventory
    management: Management

    @property
    def managements(self) -> tuple[Management, ...]:
        """The management API of each instance that serves: twins have one each, any other lab has one."""
        if not self.inventory.active_active:
            return (self.management,)
        return tuple(self.management_of(site) for site in self.inventory.data_centers)

    def management_of(self, site: str) -> Management:
        """The management API by way of a site's own load balancers."""
        return replace(self.management, urls=self.inventory.management_urls(site))


def open_lab(name: str) -> Laboratory:
    """Open the lab of a stack. Raises RedlabError when it is not up."""
    outputs = Stack(name).outputs()
    inventory = parse(outputs["inventory"])
    token = credentials.checked(outputs["adminToken"], f"the output adminToken of stack {name}")
    return Laboratory(inventory, Management(inventory.urls["management"], token))
