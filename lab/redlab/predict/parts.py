"""Deriving the part that a node, a site or a link of a lab plays. Pure.

All automation is assumed to be on: the High Availability Controller, the global load balancer's choice of a site, the
fencing of a dead primary. An operator's procedure does not count as a takeover, except for the loss of a whole
instance: there the procedure is the pattern's own way to recover.
"""

from __future__ import annotations

from dataclasses import dataclass

from redlab.model.inventory import Inventory, Node
from redlab.predict.fault_kinds import CUT, FaultKind
from redlab.predict.part import Part
from redundancy.roles import Role
from redundancy.traits import Failover


@dataclass(frozen=True)
class Roles:
    """The active nodes of a lab at one instant.

    ``home``: the site that clients are routed to.   ``active_server``: the active DPS.   ``primary``: the primary of
    the database cluster; '' without a cluster.   ``holders``: the load balancers that hold virtual IPs.
    ``store_leader``: the leader of the configuration store; '' if unknown.
    """

    home: str
    active_server: str
    primary: str
    holders: frozenset[str]
    store_leader: str = ""


def declared(inventory: Inventory) -> Roles:
    """Return the active nodes of a new lab: the first node of each role."""
    home = home_of(inventory)
    servers, databases = inventory.of_site(home, Role.DATA_PROCESSING_SERVER), inventory.of_site(home, Role.DATABASE)
    balancers = [inventory.of_site(site, Role.LOAD_BALANCER) for site in inventory.data_centers]
    return Roles(
        home,
        servers[0].name,
        databases[0].name if inventory.has_database_cluster else "",
        frozenset(pool[0].name for pool in balancers if pool),
    )


def home_of(inventory: Inventory) -> str:
    """Return the site that the topology routes clients to."""
    balancer = inventory.global_load_balancer
    known = balancer is not None and balancer.active_site in inventory.data_centers
    return balancer.active_site if balancer and known else inventory.data_centers[0]


def part_of_node(inventory: Inventory, node: Node, roles: Roles) -> Part:
    """Return the part that a node plays."""
    match node.role:
        case Role.GLOBAL_LOAD_BALANCER:
            return Part.ONLY_ENTRANCE
        case Role.WAN_ROUTER:
            # All links pass through it; an instance in two sites needs them to reach a majority.
            return Part.SPARE if inventory.two_instances else Part.ONLY_MAJORITY
        case Role.DATABASE:
            return _part_of_database(inventory, node, roles)
        case Role.ETCD:
            return Part.STORE_LEADER if node.name == roles.store_leader else Part.SPARE
        case Role.DATA_PROCESSING_SERVER:
            others = len(inventory.instance(node.site, node.role)) > 1
            taken = Part.ACTIVE_SERVER if others else Part.ONLY_SERVER
            return taken if node.name == roles.active_server else Part.SPARE
        case Role.GATEWAY | Role.LOAD_BALANCER if node.site == roles.home:
            return _part_of_entrance(inventory, node, roles)
        case _:
            return Part.SPARE


def part_of_site(inventory: Inventory, site: str, fault: FaultKind, roles: Roles) -> Part:
    """Return the part that a site plays. A site that is cut off keeps running, so its loss differs from a crash."""
    if site not in inventory.data_centers:
        return Part.SPARE
    if inventory.two_instances:
        if site != roles.home or fault is CUT:
            return Part.ONLY_DATABASE if _synchronous(inventory) else Part.SPARE
        return Part.ENTRANCE if inventory.active_active else Part.PRODUCTION
    if len(inventory.data_centers) == 1:
        return Part.ONLY_SITE
    if site != roles.home:
        return Part.DATABASE_STANDBY
    return Part.ONLY_MAJORITY if fault is CUT else Part.SITE


def part_of_link(inventory: Inventory, link: str) -> Part:
    """Return the part of the link with this name."""
    ends = next(each.sites for each in inventory.links if each.name == link)
    if not set(ends) <= set(inventory.data_centers):
        return Part.SPARE
    if not inventory.two_instances:
        return Part.DATABASE_STANDBY
    return Part.ONLY_DATABASE if _synchronous(inventory) else Part.SPARE


def _part_of_database(inventory: Inventory, node: Node, roles: Roles) -> Part:
    if roles.primary:
        alone = len(inventory.of_role(Role.DATABASE)) == 1
        taken = Part.DATABASE_PRIMARY if node.name == roles.primary else Part.DATABASE_STANDBY
        return Part.ONLY_DATABASE if alone else taken
    return Part.ONLY_DATABASE if node.site == roles.home or _synchronous(inventory) else Part.SPARE


def _part_of_entrance(inventory: Inventory, node: Node, roles: Roles) -> Part:
    if len(inventory.of_site(node.site, node.role)) == 1:
        # Clients are routed to a standby instance by an operator, after its database was promoted.
        led = inventory.traits.failover is Failover.EITHER
        return Part.ENTRANCE if led else Part.ONLY_ENTRANCE
    if node.role == Role.GATEWAY:
        return Part.GATEWAY
    return Part.LOAD_BALANCER if node.name in roles.holders else Part.SPARE


def _synchronous(inventory: Inventory) -> bool:
    return inventory.replication is not None and inventory.replication.synchronous
