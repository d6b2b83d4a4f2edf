"""Which drills fill the fault matrix of a lab: its rows, and for each cell a scenario. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redlab.drills import targets
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS, aimed, aimed_at, elements
from redlab.drills.scenario import Scenario
from redlab.drills.scenarios import of_pattern
from redlab.drills.targets import Target
from redlab.model.inventory import Inventory, Node
from redlab.predict.fault_kinds import KINDS, SWITCHOVER
from redlab.predict.parts import home_of
from redlab.results.campaign import CampaignResult
from redlab.results.matrix import FAULTS, Cell, Matrix, Row
from redundancy.roles import Role


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
    """A row of the matrix (:class:`redlab.results.matrix.Row`) before anything was run."""

    kind: str
    element: str
    stands_for: tuple[str, ...]
    cells: tuple[PlannedCell, ...]


@dataclass(frozen=True)
class _Element:
    """What a row is about.

    ``part``: the target by which it is found, where it is one of several.   ``only``: scenarios of a name may be about
    it.
    """

    kind: str
    element: str
    stands_for: tuple[str, ...]
    part: Target | None = None
    only: bool = True

    def is_hit_by(self, inventory: Inventory, target: Target) -> bool:
        """Whether what is shown by a target's fault is shown of this."""
        return target is self.part if self.part else self.only and target.row(inventory, self.kind, self.element)


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


def runnable(inventory: Inventory) -> tuple[Scenario, ...]:
    """Return the scenarios of a lab's pattern for which the lab has what they need."""
    return tuple(one for one in of_pattern(inventory.pattern) if not lacking(inventory, one))


def lacking(inventory: Inventory, scenario: Scenario) -> str:
    """Say what a lab lacks that a scenario needs; '' when it has all.

    Nodes have to be in the instance that serves, or outside of both: nothing takes over from another instance alone.
    """
    if scenario.https and not inventory.https:
        return f"{scenario.name} needs HTTP over TLS (topology: encryption.http), lab {inventory.lab} has it in clear"
    for role, count in scenario.needs:
        own = inventory.instance(home_of(inventory), role)
        usable = [node for node in inventory.of_role(role) if node in own or node.site not in inventory.data_centers]
        if (found := len(usable)) < count:
            return f"{scenario.name} needs {count} nodes of role {role} in an instance, lab {inventory.lab} has {found}"
    return ""


def _classes(inventory: Inventory) -> Iterator[_Element]:
    home = home_of(inventory)
    pools: dict[tuple[str, Role], list[Node]] = {}
    for node in inventory.nodes:
        # The instances of twins are alike: that which users are in stands for both.
        site = home if inventory.active_active and node.site in inventory.data_centers else node.site
        pools.setdefault((site, node.role), []).append(node)
    for (site, role), pool in pools.items():
        names = tuple(node.name for node in pool)
        here = len([node for node in pool if node.site == site])
        if role == Role.COLLECTOR:
            continue
        parts = _parts(inventory, role, here) if site == home else ()
        for part in parts:
            yield _Element("node", part.label, names, part)
        if not parts:
            first = next(node for node in pool if node.site == site)
            yield _Element("node", first.name, names)


def _parts(inventory: Inventory, role: Role, count: int) -> tuple[Target, ...]:
    """The parts that the nodes of a pool of the site with the clients play just now."""
    match role:
        case Role.GATEWAY if count > 1:
            return (targets.SERVING_GATEWAY,)
        case Role.DATA_PROCESSING_SERVER if count > 1:
            return (targets.ACTIVE_DPS, targets.IDLE_DPS)
        case Role.DATA_PROCESSING_SERVER if len(inventory.of_role(role)) > 1 and not inventory.two_instances:
            return (targets.ACTIVE_DPS,)
        case Role.LOAD_BALANCER if count > 1:
            return (targets.VIRTUAL_IP_HOLDER, targets.IDLE_LOAD_BALANCER)
        case _:
            return ()


def _every_node(inventory: Inventory) -> Iterator[_Element]:
    for node in inventory.nodes:
        if node.role != Role.COLLECTOR:
            alone = len(inventory.of_site(node.site, node.role)) == 1
            yield _Element("node", node.name, (node.name,), only=alone)


def _links(inventory: Inventory) -> Iterator[_Element]:
    for link in inventory.links:
        yield _Element("link", link.name, (link.name,))


def _sites(inventory: Inventory, *, every_node: bool) -> Iterator[_Element]:
    home = home_of(inventory)
    for site in inventory.sites:
        if site.name == home:
            alike = inventory.data_centers if inventory.active_active and not every_node else (home,)
            yield _Element("site", home, alike)
        # A third place with one node is that node's row.
        elif len(inventory.of_site(site.name)) > 1 and (every_node or site.witness or not inventory.active_active):
            yield _Element("site", site.name, (site.name,))


def _cell(inventory: Inventory, chosen: Iterable[Scenario], row: _Element, fault: str) -> PlannedCell:
    kind = KINDS.get(fault, SWITCHOVER)
    for scenario in chosen:
        if row.is_hit_by(inventory, scenario.target) and scenario.fault is kind and scenario.plain:
            return PlannedCell(fault, scenario, named=True)
    if row.part and kind.takes_away:
        return PlannedCell(fault, aimed_at(inventory, kind, row.part, row.element))
    wanted = next((one for one in ELEMENT_SCENARIOS if one.name == f"{row.kind}-{fault}"), None)
    if wanted is None:
        return PlannedCell(fault)
    if row.element not in elements(inventory, wanted):
        return PlannedCell(fault, why="its links are cut" if row.kind == "node" else "it has no links")
    return PlannedCell(fault, aimed(inventory, wanted, row.element))
