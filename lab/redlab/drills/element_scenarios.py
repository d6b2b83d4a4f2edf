"""Scenarios that break any element of a lab by its name: a node, a link or a site. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from redlab.drills import targets
from redlab.drills.scenario import Scenario
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.predict.fault_kinds import CRASH, CUT, HANG, FaultKind
from redlab.predict.parts import home_of
from redundancy.roles import Role
from redundancy.traits import Failover, PatternName, patterns

FAULT_SECONDS = 4.0
"""How long such a fault lasts where nothing takes over: longer than a client waits, then a second of failures alone."""
_SITES = patterns("several_sites")
_ALL = tuple(PatternName)
_LASTS = f"for {FAULT_SECONDS:g} s, or until something has taken over"

# Everything acts by itself that can: what is asked is what the topology takes over, not what people do.
_scenario = partial(Scenario, bound=None, automatic_failover=True, patterns=_ALL)

ELEMENT_SCENARIOS = (
    _scenario("node-crash", f"Any node (--node NAME) is killed {_LASTS}.", targets.NODE, CRASH),
    _scenario("node-hang", f"Any node (--node NAME) hangs {_LASTS}.", targets.NODE, HANG),
    _scenario("node-cut", f"Any node (--node NAME) has no network {_LASTS}.", targets.NODE, CUT),
    _scenario("link-cut", f"Any link (--link NAME) is cut {_LASTS}.", targets.LINK, CUT, patterns=_SITES),
    _scenario("site-crash", f"Every node of any site (--site NAME) is killed {_LASTS}.", targets.SITE, CRASH),
    _scenario("site-hang", f"Every node of any site (--site NAME) hangs {_LASTS}.", targets.SITE, HANG),
    _scenario(
        "site-cut", f"Every link of any site (--site NAME) is cut {_LASTS}.", targets.SITE_LINKS, CUT, patterns=_SITES
    ),
)


def named(name: str) -> Scenario | None:
    """Return the element scenario of this name, None for any other name."""
    return next((scenario for scenario in ELEMENT_SCENARIOS if scenario.name == name), None)


def aimed(inventory: Inventory, scenario: Scenario, element: str | None) -> Scenario:
    """Return an element scenario aimed at an element. Raises RedlabError that lists the elements of the lab."""
    kind = scenario.target.element
    allowed = elements(inventory, scenario)
    if not allowed:
        raise RedlabError(f"{scenario.name}: lab {inventory.lab} ({inventory.pattern}) has no links between sites")
    if element is None:
        raise RedlabError(f"{scenario.name}: which {kind}? give --{kind}, one of: {', '.join(allowed)}")
    if element not in allowed:
        raise RedlabError(
            f"{scenario.name}: no {kind} {element!r} in lab {inventory.lab} that it may hit; there are: "
            f"{', '.join(allowed)}"
        )
    by_procedure = scenario.target is targets.SITE and inventory.replicated and element == home_of(inventory)
    found = replace(_acting(inventory, scenario), element=element)
    return replace(found, operator_delay_seconds=0.0, procedure=True) if by_procedure else found


def aimed_at(inventory: Inventory, fault: FaultKind, target: targets.Target, element: str) -> Scenario:
    """Return the fault of the node that plays a part just now; ``element`` is what reports call it."""
    (scenario,) = (one for one in ELEMENT_SCENARIOS if one.target is targets.NODE and one.fault is fault)
    return replace(_acting(inventory, scenario), target=target, element=element)


def elements(inventory: Inventory, scenario: Scenario) -> Sequence[str]:
    """Return what a scenario of these may hit.

    Not the collectors, which carry the load; and a router between sites is not cut off: its links are.
    """
    match scenario.target.element:
        case "link":
            return [link.name for link in inventory.links]
        case "site":
            linked = {end for link in inventory.links for end in link.sites}
            return [site.name for site in inventory.sites if not scenario.target.of_links or site.name in linked]
        case _:
            spared = (Role.COLLECTOR, Role.WAN_ROUTER) if scenario.fault is CUT else (Role.COLLECTOR,)
            return [node.name for node in inventory.nodes if node.role not in spared]


def _acting(inventory: Inventory, scenario: Scenario) -> Scenario:
    """Switch on all automation that the lab has."""
    servers = inventory.instance(home_of(inventory), Role.DATA_PROCESSING_SERVER)
    return replace(
        scenario,
        automatic_failover=len(servers) > 1,
        # A standby instance serves no client before an operator has promoted its database.
        automatic_site=inventory.traits.failover is Failover.EITHER,
        fencing=inventory.has_database_cluster,
        lasts_seconds=FAULT_SECONDS,
    )
