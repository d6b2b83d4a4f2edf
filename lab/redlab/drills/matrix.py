"""Which drills fill the fault matrix of a lab: its rows, and for each cell a scenario. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redlab.drills.element_scenarios import ELEMENT_SCENARIOS, aimed, aimed_at, elements
from redlab.drills.scenario import Scenario, Target
from redlab.inventory import Inventory, Node
from redlab.measure.campaign import CampaignResult
from redlab.measure.fault_kinds import KINDS, SWITCHOVER
from redlab.measure.matrix import FAULTS, Cell, Matrix, Row
from redlab.parts import home_of

_LABELS = {
    Target.SERVING_GATEWAY: "serving gateway",
    Target.ACTIVE_DPS: "active data processing server",
    Target.IDLE_DPS: "idle data processing server",
    Target.VIRTUAL_IP_HOLDER: "load balancer with the virtual IPs",
    Target.IDLE_LOAD_BALANCER: "idle load balancer",
}
_OF_ROLE = {
    "ucmdb": Target.UCMDB,
    "serviceManager": Target.SERVICE_MANAGER,
    "loadBalancer": Target.LOCAL_LOAD_BALANCER,
}


@dataclass(frozen=True)
class PlannedCell:
    """A fault, and the scenario that shows it; ``named``: one of the pattern's own, run anyway.

    Without a scenario ``why`` says what keeps the element from failing so; '' where it makes no sense.
    """

    fault: str
    scenario: Scenario | None = None
    named: bool = False
    why: str = ""


@dataclass(frozen=True)
class PlannedRow:
    """A row of the matrix (:class:`redlab.measure.matrix.Row`) before anything was run."""

    kind: str
    element: str
    stands_for: tuple[str, ...]
    cells: tuple[PlannedCell, ...]


@dataclass(frozen=True)
class _Element:
    """What a row is about, and the targets that scenarios of a name hit it by. ``part``: it is found by that one."""

    kind: str
    element: str
    stands_for: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    part: Target | None = None


def plan(inventory: Inventory, chosen: Sequence[Scenario], *, every_node: bool = False) -> tuple[PlannedRow, ...]:
    """Return the rows of a lab's matrix; ``chosen`` are the scenarios of its pattern that are run in any case.

    Comparable nodes (of one pool and site, with twin instances of both) are tested by one, or by one of each part
    where these differ; with ``every_node`` each by itself.
    """
    nodes = _every_node(inventory) if every_node else _classes(inventory)
    found = (*nodes, *_links(inventory), *_sites(inventory, every_node=every_node))
    return tuple(
        PlannedRow(one.kind, one.element, one.stands_for, tuple(_cell(inventory, chosen, one, f) for f in FAULTS))
        for one in found
    )


def fill(rows: Iterable[PlannedRow], campaigns: Mapping[str, CampaignResult], unproven: Mapping[str, str]) -> Matrix:
    """Return the matrix with what was run: a campaign, or why there is none, by the title of its scenario."""

    def filled(cell: PlannedCell) -> Cell:
        if cell.scenario is None:
            return Cell(cell.fault, why=cell.why)
        title = cell.scenario.title
        return Cell(cell.fault, title, cell.named, campaigns.get(title), unproven.get(title, ""))

    return Matrix(tuple(Row(row.kind, row.element, row.stands_for, tuple(map(filled, row.cells))) for row in rows))


def runnable(inventory: Inventory, scenario: Scenario) -> bool:
    """Whether a lab has the nodes that a scenario needs."""
    return not lacking(inventory, scenario)


def lacking(inventory: Inventory, scenario: Scenario) -> str:
    """Say which nodes a lab lacks that a scenario needs; '' when it has all.

    They have to be in the instance that serves, or outside of both: nothing takes over from another instance alone.
    """
    for role, count in scenario.needs:
        own = inventory.instance(home_of(inventory), role)
        usable = [node for node in inventory.of_role(role) if node in own or node.site not in inventory.data_centers]
        if (found := len(usable)) < count:
            return f"{scenario.name} needs {count} nodes of role {role} in an instance, lab {inventory.lab} has {found}"
    return ""


def _classes(inventory: Inventory) -> Iterator[_Element]:
    home = home_of(inventory)
    pools: dict[tuple[str, str], list[Node]] = {}
    for node in inventory.nodes:
        # The instances of twins are alike: that which users are in stands for both.
        site = home if inventory.twins and node.site in inventory.data_centers else node.site
        pools.setdefault((site, node.role), []).append(node)
    for (site, role), pool in pools.items():
        names = tuple(node.name for node in pool)
        here = len([node for node in pool if node.site == site])
        if role == "collector":
            continue
        parts = _parts(inventory, role, here) if site == home else ()
        for part in parts:
            yield _Element("node", _LABELS[part], names, (part,), part)
        if not parts:
            first = next(node for node in pool if node.site == site)
            yield _Element("node", first.name, names, _targets(inventory, first))


def _parts(inventory: Inventory, role: str, count: int) -> tuple[Target, ...]:
    """The parts that the nodes of a pool of the site with the clients play just now."""
    match role:
        case "gateway" if count > 1:
            return (Target.SERVING_GATEWAY,)
        case "dataProcessingServer" if count > 1:
            return (Target.ACTIVE_DPS, Target.IDLE_DPS)
        case "dataProcessingServer" if len(inventory.of_role(role)) > 1 and not inventory.two_instances:
            return (Target.ACTIVE_DPS,)
        case "loadBalancer" if count > 1:
            return (Target.VIRTUAL_IP_HOLDER, Target.IDLE_LOAD_BALANCER)
        case _:
            return ()


def _every_node(inventory: Inventory) -> Iterator[_Element]:
    for node in inventory.nodes:
        if node.role != "collector":
            alone = len(inventory.of_site(node.site, node.role)) == 1
            yield _Element("node", node.name, (node.name,), _targets(inventory, node) if alone else ())


def _targets(inventory: Inventory, node: Node) -> tuple[Target, ...]:
    """By which targets scenarios of a name hit a node that is the only one of its pool."""
    home = home_of(inventory)
    clustered, third = bool(inventory.of_role("etcd")), node.site not in inventory.data_centers
    match node.role:
        case "database" if clustered:
            return (Target.DATABASE_PRIMARY if node.site == home else Target.DATABASE_STANDBY,)
        case "database":
            return (Target.DATABASE,)
        case "etcd" if third:
            return (Target.WITNESS,)
        case "loadBalancer" if node.site != home:
            return ()
        case _:
            return (_OF_ROLE[node.role],) if node.role in _OF_ROLE else ()


def _links(inventory: Inventory) -> Iterator[_Element]:
    for link in inventory.links:
        joins = set(link.sites) <= set(inventory.data_centers)
        yield _Element("link", link.name, (link.name,), (Target.SITE_LINK,) if joins else ())


def _sites(inventory: Inventory, *, every_node: bool) -> Iterator[_Element]:
    home = home_of(inventory)
    for site in inventory.sites:
        if site.name == home:
            alike = inventory.data_centers if inventory.twins and not every_node else (home,)
            yield _Element("site", home, alike, (Target.ACTIVE_SITE, Target.ACTIVE_SITE_LINKS, Target.CLIENTS))
        # A third place with one node is that node's row.
        elif len(inventory.of_site(site.name)) > 1 and (every_node or site.witness or not inventory.twins):
            yield _Element("site", site.name, (site.name,))


def _cell(inventory: Inventory, chosen: Iterable[Scenario], row: _Element, fault: str) -> PlannedCell:
    kind = KINDS.get(fault, SWITCHOVER)
    for target in row.targets:
        for scenario in chosen:
            if scenario.target is target and scenario.fault is kind and scenario.plain:
                return PlannedCell(fault, scenario, named=True)
    if row.part and kind.takes_away:
        return PlannedCell(fault, aimed_at(inventory, kind, row.part, row.element))
    wanted = next((one for one in ELEMENT_SCENARIOS if one.name == f"{row.kind}-{fault}"), None)
    if wanted is None:
        return PlannedCell(fault)
    if row.element not in elements(inventory, wanted):
        return PlannedCell(fault, why="its links are cut" if row.kind == "node" else "it has no links")
    return PlannedCell(fault, aimed(inventory, wanted, row.element))
