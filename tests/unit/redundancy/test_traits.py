"""Each pattern: what is made of its row of traits, and that nothing asks for a pattern by its name (docs/how-to)."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest

import redundancy
from redlab.advice.tradeoffs import TRADEOFFS
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS
from redlab.drills.scenarios import of_pattern
from redlab.model import inventory as read
from redlab.stack import checkout
from redundancy import inventory, loading, rules
from redundancy.addressing import AddressPlan
from redundancy.naming import Names
from redundancy.topology import Topology
from redundancy.traits import Failover, PatternName

SITES = ("dc1", "dc2")
NAMES_OF_PATTERNS = ("components/redundancy/__init__.py", "components/redundancy/traits.py")
"""The modules that list the patterns. Beside them each component has its own name, and advice its prose."""


def smallest(pattern: PatternName) -> Topology:
    """The topology of a pattern that says no more than it must."""
    traits = pattern.traits
    database = "{database: {availability: cluster}, dataProcessingServers: {count: 1}}" if traits.spans_sites else "{}"
    sites = ", ".join(f"{site}: {database}" for site in SITES[: traits.sites])
    return rules.accept(loading.parse(f"pattern: {pattern}\nsites: {{{sites}}}\n", "x.yaml"), "x")


@pytest.mark.parametrize("pattern", PatternName)
def test_each_pattern_has_a_component_arguments_scenarios_and_its_prose(pattern: PatternName) -> None:
    component = import_module(f"redundancy.patterns.{pattern.name.lower()}")
    assert getattr(redundancy, pattern) is getattr(component, pattern)
    assert getattr(redundancy, f"{pattern}Args").__name__ == f"{pattern}Args"
    assert {str(pattern), f"{pattern}Args"} <= set(redundancy.__all__)
    assert of_pattern(pattern)
    assert any(pattern in scenario.patterns for scenario in ELEMENT_SCENARIOS)
    assert pattern in TRADEOFFS


@pytest.mark.parametrize("pattern", PatternName)
def test_a_topology_has_what_the_traits_of_its_pattern_say(pattern: PatternName) -> None:
    topology, traits = smallest(pattern), pattern.traits
    assert len(topology.sites) == traits.sites
    assert len({tuple(own.name for own in topology.instance(site)) for site in topology.sites}) == traits.instances
    assert (topology.witness is not None) == traits.spans_sites
    assert (topology.replication is not None) == traits.replicated
    assert (topology.event_exchange is not None) == traits.active_active
    assert (topology.global_load_balancer is not None) == traits.several_sites
    assert (traits.failover is Failover.NONE) == (not traits.several_sites)


@pytest.mark.parametrize("pattern", PatternName)
def test_a_lab_offers_the_traits_of_its_pattern(pattern: PatternName) -> None:
    topology = smallest(pattern)
    lab = read.parse(inventory.inventory(topology, Names("x", topology.pattern, ""), AddressPlan(topology)))
    assert lab.traits == topology.traits == pattern.traits
    assert lab.has_database_cluster == pattern.traits.spans_sites


def test_the_schemas_know_these_patterns_alone() -> None:
    for name in ("topology", "inventory"):
        schema = json.loads((checkout.ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert set(schema["properties"]["pattern"]["enum"]) == {str(pattern) for pattern in PatternName}


def test_no_module_asks_for_a_pattern_by_its_name() -> None:
    named = re.compile("|".join(f'[=!]= "{pattern}"|[=!]= PatternName.{pattern.name}' for pattern in PatternName))
    asking = [
        path.relative_to(checkout.ROOT).as_posix()
        for folder in ("components", "lab/redlab")
        for path in Path(checkout.ROOT, folder).rglob("*.py")
        if named.search(path.read_text(encoding="utf-8"))
    ]
    assert asking == []


def test_the_guide_names_each_place_of_a_pattern() -> None:
    text = (checkout.ROOT / "docs" / "how-to" / "add-a-pattern.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:components|docs|lab|stacks|tests)/[^`]+)`", text)
    assert set(NAMES_OF_PATTERNS) < set(paths)
    assert all((checkout.ROOT / path).exists() for path in paths)
    traits = PatternName.HIGH_AVAILABILITY.traits
    assert all(hasattr(traits, trait) for trait in ("spans_sites", "active_active", "replicated", "failover"))
