"""What a drill sees of a lab that nobody has touched."""

from __future__ import annotations

from dataclasses import dataclass

from redlab.model.inventory import Inventory, Node


@dataclass(frozen=True)
class Sight:
    """A lab whose first site serves, by the last gateway and the first of all else."""

    inventory: Inventory
    element: str = ""

    def site(self) -> str:
        return self.inventory.data_centers[0]

    def serving_gateway(self) -> Node:
        return self.inventory.of_site(self.site(), "gateway")[-1]

    def active_server(self) -> Node:
        return self.inventory.of_site(self.site(), "dataProcessingServer")[0]

    def virtual_ip_holder(self) -> Node:
        return self.inventory.of_site(self.site(), "loadBalancer")[0]

    def primary(self) -> Node:
        return self.inventory.of_site(self.site(), "database")[0]

    def synchronous_standby(self) -> Node:
        return self.inventory.of_role("database")[-1]
