"""What is discovered while a UCMDB is away: it must reach every store that it is meant for once the UCMDB is back."""

from __future__ import annotations

from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.probes import topology
from redundancy.roles import Role

COUNT = 20
TYPE = "host"
"""Every filter of the stacks lets hosts through."""


class Discoveries:
    """Hosts that the collectors of production discover in a drill."""

    def __init__(self, inventory: Inventory, site: str, drill_id: str) -> None:
        self._inventory = inventory
        self._site = site
        self._names = {f"{drill_id}-{number}" for number in range(COUNT)}

    def make(self) -> None:
        """Have production's RTSM hold them. Raises RedlabError when it cannot."""
        topology.discover(self._inventory, self._site, TYPE, sorted(self._names))

    def missing(self) -> list[str]:
        """Return the defect of each store that does not hold all of them, a line each."""
        stores = [*self._inventory.data_centers, *(node.name for node in self._inventory.of_role(Role.UCMDB))]
        return [line for store in stores if (line := self._lacks(store))]

    def _lacks(self, store: str) -> str:
        try:
            there = topology.names(self._inventory, store, TYPE)
        except RedlabError as error:
            return f"topology: {store} does not answer: {error}"
        lost = len(self._names - there)
        return f"topology: {store} lacks {lost} of the {COUNT} hosts that were discovered" if lost else ""
