"""What a scenario's fault hits, found in the running lab."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redlab import global_load_balancer
from redlab.drills.scenario import Scenario, Target
from redlab.errors import RedlabError
from redlab.faults.link_fault import Way
from redlab.inventory import Inventory, Node
from redlab.measure.fault_kinds import CUT
from redlab.measure.history import Operation
from redlab.probes import database, virtual_ip
from redlab.waiting import until

FIND_SECONDS = 10
_ROLES = {
    Target.DATABASE: "database",
    Target.SERVICE_MANAGER: "serviceManager",
    Target.WIDE_AREA_LOAD_BALANCER: "globalLoadBalancer",
}


@dataclass(frozen=True)
class Hit:
    """The name that a report calls it by, and the nodes or the ways between sites that the fault hits."""

    name: str
    nodes: tuple[Node, ...] = ()
    ways: tuple[Way, ...] = ()


def find(inventory: Inventory, target: Target, recent: Sequence[Operation], active_server: str) -> Hit:
    """Find it. ``recent`` are the load's last operations, ``active_server`` the DPS that has the services.

    Raises RedlabError when there is nothing to hit just now.
    """
    match target:
        case Target.SERVING_GATEWAY:
            served = Counter(op.node for op in recent if op.kind == "user" and op.node)
            return _node(inventory.node(served.most_common(1)[0][0]))
        case Target.ACTIVE_DPS | Target.IDLE_DPS:
            active = inventory.node(active_server)
            servers = inventory.instance(active.site, active.role)
            return _node(active if target is Target.ACTIVE_DPS else _another(servers, active))
        case Target.VIRTUAL_IP_HOLDER | Target.IDLE_LOAD_BALANCER:
            site = _site(inventory)
            holds = _wait(lambda: virtual_ip.holder(inventory, site), "no load balancer holds the virtual IPs")
            pool = inventory.of_site(site, "loadBalancer")
            return _node(holds if target is Target.VIRTUAL_IP_HOLDER else _another(pool, holds))
        case Target.DATABASE | Target.SERVICE_MANAGER | Target.WIDE_AREA_LOAD_BALANCER:
            return _node(inventory.of_role(_ROLES[target])[0])
        case Target.DATABASE_PRIMARY:
            return _node(_wait(lambda: database.primary(inventory), "no database accepts writes"))
        case Target.DATABASE_STANDBY:
            return _node(_wait(lambda: database.synchronous_standby(inventory), "there is no synchronous standby"))
        case Target.EVERY_NODE:
            # Healed in the order in which they are hit: every time in another one.
            nodes = [node for node in inventory.nodes if node.role != "collector"]
            return Hit("every node", tuple(random.sample(nodes, len(nodes))))
        case Target.WITNESS:
            return _node(witness(inventory))
        case Target.UCMDB:
            return _node(inventory.of_role("ucmdb")[-1])
        case _:
            return _place(inventory, target, global_load_balancer.active_site(inventory))


def named(inventory: Inventory, scenario: Scenario) -> Hit | None:
    """Return what a scenario's own element names, None when that is not a name."""
    element = scenario.element
    match scenario.target:
        case Target.NODE:
            return _node(inventory.node(element))
        case Target.LINK:
            return Hit(element, ways=(Way(element),))
        case Target.SITE if scenario.fault is CUT:
            return Hit(element, ways=_ways(inventory, element))
        case Target.SITE:
            return Hit(element, inventory.of_site(element))
        case _:
            return None


def _place(inventory: Inventory, target: Target, site: str) -> Hit:
    other = other_site(inventory, site)
    joining = joining_link(inventory, site, other)
    match target:
        case Target.ACTIVE_SITE:
            return Hit(site, inventory.of_site(site))
        case Target.ACTIVE_SITE_LINKS:
            return Hit(site, ways=_ways(inventory, site))
        case Target.OUTWARD_LINK:
            return Hit(f"{joining} from {site}", ways=(Way(joining, site),))
        case Target.SITE_LINK:
            return Hit(joining, ways=(Way(joining),))
        case Target.LOCAL_LOAD_BALANCER:
            return Hit(f"load balancers of {site}", inventory.of_site(site, "loadBalancer"))
        case Target.EVENT_OWNER:
            return Hit(f"data processing of {other}", inventory.of_site(other, "dataProcessingServer"))
        case Target.EVENTS:
            return Hit("events of both instances")
        case Target.CONFIGURATION:
            return Hit(f"configuration of {other}")
        case Target.STANDBY_COPY:
            return Hit(f"a copy of {other}")
        case _:
            return Hit(f"clients of {site}")


def other_site(inventory: Inventory, site: str) -> str:
    """Return the data center that is not ``site``."""
    return next(name for name in inventory.data_centers if name != site)


def joining_link(inventory: Inventory, one: str, other: str) -> str:
    """Return the name of the link between two places."""
    return next(link.name for link in inventory.links if set(link.sites) == {one, other})


def witness(inventory: Inventory) -> Node:
    """Return the witness's node."""
    place = next(site.name for site in inventory.sites if site.witness)
    return inventory.of_site(place)[0]


def _another(pool: Sequence[Node], one: Node) -> Node:
    return next(node for node in pool if node != one)


def _ways(inventory: Inventory, site: str) -> tuple[Way, ...]:
    return tuple(Way(link.name) for link in inventory.links if site in link.sites)


def _site(inventory: Inventory) -> str:
    """The site that clients are in."""
    return global_load_balancer.active_site(inventory) if inventory.global_load_balancer else inventory.data_centers[0]


def _node(node: Node) -> Hit:
    return Hit(node.name, (node,))


def _wait(probe: Callable[[], Node | None], problem: str) -> Node:
    found = until(probe, FIND_SECONDS)
    if found is None:
        raise RedlabError(problem)
    return found
