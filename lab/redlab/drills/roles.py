"""Who does what in a running lab just now, and so which part it is that a fault hits."""

from __future__ import annotations

from redlab.drills.scenario import Scenario
from redlab.drills.targets import Hit
from redlab.model.inventory import Inventory
from redlab.predict.part import Part
from redlab.predict.parts import Roles, part_of_link, part_of_node, part_of_site
from redlab.probes import database, virtual_ip


def part_of(inventory: Inventory, scenario: Scenario, hit: Hit, home: str, active_server: str) -> Part:
    """Return the part that is hit, while clients are in the site ``home`` and ``active_server`` has the services."""
    if hit.ways and not hit.site:
        return part_of_link(inventory, hit.name)
    primary = database.primary(inventory) if inventory.has_database_cluster else None
    holders = frozenset(node.name for node in virtual_ip.holders(inventory))
    leader = database.store_leader(inventory)
    roles = Roles(
        home, active_server, primary.name if primary else "", holders, store_leader=leader.name if leader else ""
    )
    if hit.site:
        return part_of_site(inventory, hit.site, scenario.fault, roles)
    return part_of_node(inventory, hit.nodes[0], roles)
