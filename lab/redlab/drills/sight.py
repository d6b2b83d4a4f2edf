"""Who does what in a running lab, as a drill sees it when it aims: what targets find themselves by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redlab.control import global_load_balancer
from redlab.errors import RedlabError
from redlab.measure.history import Operation
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, virtual_ip
from redlab.waiting import until

FIND_SECONDS = 10


@dataclass(frozen=True)
class LabSight:
    """A :class:`redlab.drills.targets.Sight` of a lab.

    ``recent``: the load's last operations.   ``server``: the name of the data processing server that has the services.
    """

    inventory: Inventory
    element: str
    recent: Sequence[Operation]
    server: str

    def site(self) -> str:
        """Return the site that clients are in."""
        balanced = self.inventory.global_load_balancer is not None
        return global_load_balancer.active_site(self.inventory) if balanced else self.inventory.data_centers[0]

    def serving_gateway(self) -> Node:
        """Return the gateway that served most of the load's users of late."""
        served = Counter(op.node for op in self.recent if op.kind == "user" and op.node)
        return self.inventory.node(served.most_common(1)[0][0])

    def active_server(self) -> Node:
        """Return the data processing server that has the services."""
        return self.inventory.node(self.server)

    def virtual_ip_holder(self) -> Node:
        """Return the load balancer that holds the virtual IPs of the site that clients are in."""
        site = self.site()
        return _wait(lambda: virtual_ip.holder(self.inventory, site), "no load balancer holds the virtual IPs")

    def primary(self) -> Node:
        """Return the database that accepts writes."""
        return _wait(lambda: database.primary(self.inventory), "no database accepts writes")

    def synchronous_standby(self) -> Node:
        """Return the standby that every commit waits for."""
        return _wait(lambda: database.synchronous_standby(self.inventory), "there is no synchronous standby")


def _wait(probe: Callable[[], Node | None], problem: str) -> Node:
    found = until(probe, FIND_SECONDS)
    if found is None:
        raise RedlabError(problem)
    return found
