"""The mechanisms of the product: what its scenarios exercise, computed from their own definitions. Pure.

A mechanism is one of these, named in words:

- a pattern, and a topology that comes with the product (its databases may be kept alike in a way of their own);
- what a fault hits, and how it is made: of nodes, of links, or nothing breaks;
- what a scenario has beside its fault, such as a second one, or a procedure that is interrupted: each field of
  :class:`Scenario` that is set. Who acts then (the lab itself, an operator) does so in a way of the topology's own;
- the derivation of a scenario's bound, and each term of it. A fault of any element is bounded by the part that it
  hits, in terms that other bounds have too: of those each term is a mechanism. All of them are run by
  ``redlab datasheet``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache

from redlab.drills.assembly import predicted
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS, aimed, elements
from redlab.drills.load_settings import LoadSettings
from redlab.drills.matrix import runnable
from redlab.drills.scenario import Scenario
from redlab.model.inventory import Inventory
from redlab.predict.part import Part
from redlab.predict.parts import declared, part_of_link, part_of_node, part_of_site
from redlab.predict.scenario import Prediction
from redlab.stack import checkout
from tests.support.unit.inventories import inventory_of

STACKS = tuple(sorted(file.stem for file in checkout.STACKS.glob("*.yaml") if not file.stem.startswith("Pulumi.")))
"""The topologies that come with the product, by name."""

_inventory = cache(inventory_of)
_ACTS = {"automatic_failover", "automatic_site", "fencing", "operator_delay_seconds", "procedure"}
# What describes a scenario, and what is a mechanism by its value.
_DESCRIBES = {"name", "summary", "needs", "patterns", "element", "time_scale", "target", "fault", "bound"}


@dataclass(frozen=True, order=True)
class Drill:
    """A scenario of a topology, by their names; of a fault of any element with what it hits."""

    stack: str
    title: str

    def __str__(self) -> str:
        return f"{self.stack} {self.title}"


@cache
def every_drill() -> dict[Drill, Scenario]:
    """Return what can be run on the topologies of the product: every scenario, and every element that one can hit."""
    return {Drill(stack, one.title): one for stack in STACKS for one in _of_stack(_inventory(stack))}


def scenarios_of(stack: str) -> tuple[Scenario, ...]:
    """Return each scenario of a topology once; one of any element is aimed at the first that it can hit."""
    inventory = _inventory(stack)
    first = [aimed(inventory, one, found[0]) for one in ELEMENT_SCENARIOS if (found := elements(inventory, one))]
    return (*_of_a_name(inventory), *first)


@cache
def mechanisms(stack: str, scenario: Scenario) -> frozenset[str]:
    """Return the mechanisms that a scenario exercises on a topology."""
    inventory = _inventory(stack)
    found = {
        f"pattern {inventory.pattern}",
        f"topology {stack}",
        f"target: {scenario.target.words}",
        f"fault: {scenario.fault}{_of_what(scenario)}",
    }
    prediction = _prediction(inventory, scenario)
    found |= {f"term of a bound: {name}" for one in prediction.derivations for name, _ in one.terms}
    if scenario.bound is not None:
        found |= {*_besides(stack, scenario), f"bound: {scenario.bound.__name__.replace('_', ' ')}"}
    return frozenset(found)


def part_of(inventory: Inventory, scenario: Scenario) -> Part:
    """Return the part that the element of a scenario plays in a lab that has just been stood up."""
    element, roles = scenario.element, declared(inventory)
    match scenario.target.element:
        case "link":
            return part_of_link(inventory, element)
        case "site":
            return part_of_site(inventory, element, scenario.fault, roles)
        case _:
            return part_of_node(inventory, inventory.node(element), roles)


def _of_stack(inventory: Inventory) -> Iterator[Scenario]:
    yield from _of_a_name(inventory)
    for scenario in ELEMENT_SCENARIOS:
        yield from (aimed(inventory, scenario, element) for element in elements(inventory, scenario))


def _of_a_name(inventory: Inventory) -> tuple[Scenario, ...]:
    return runnable(inventory)


def _besides(stack: str, scenario: Scenario) -> Iterator[str]:
    """Each field that is set. Not of a fault of any element: everything that can act is only let act there."""
    for field in fields(Scenario):
        if field.name not in _DESCRIBES and getattr(scenario, field.name) != field.default:
            yield field.name.replace("_", " ") + (f" in {stack}" if field.name in _ACTS else "")


def _of_what(scenario: Scenario) -> str:
    if not scenario.fault.breaks:
        return ""
    return " of links" if scenario.target.of_links else " of nodes"


def _prediction(inventory: Inventory, scenario: Scenario) -> Prediction:
    part = part_of(inventory, scenario) if scenario.element else Part.SPARE
    return predicted(inventory, scenario, LoadSettings(), part)
