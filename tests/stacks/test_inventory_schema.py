"""What a stack exports about itself has the form that `schemas/inventory.schema.json` says."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from redlab.model.inventory import parse
from redlab.stack import checkout
from redundancy import loading
from redundancy.addressing import AddressPlan
from redundancy.inventory import inventory
from redundancy.naming import Names
from tests.support.stacks.commands import pulumi

if TYPE_CHECKING:
    from redlab.control.lab import Laboratory

SCHEMA = json.loads((checkout.ROOT / "schemas" / "inventory.schema.json").read_text())
HA = "pattern: HighAvailability\nsites:\n  dc1:\n"


def described(text: str, owner: str = "") -> dict[str, Any]:
    topology = loading.load(loading.parse(text, "test"), "lab")
    return inventory(topology, Names(topology.name, topology.pattern, owner), AddressPlan(topology))


def problems(document: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        *(file.read_text() for file in checkout.STACKS.glob("*.yaml") if not file.name.startswith("Pulumi.")),
        HA + "    gateways: {count: 1}\n    dataProcessingServers: {count: 1}\n    loadBalancers: {count: 1}\n",
        HA + "    gateways: {count: 3}\ncollectors: {count: 4}\nobjectives: {rtoSeconds: 2.5}\n",
    ],
)
def test_inventories_fit(text: str) -> None:
    assert problems(described(text)) == []
    assert problems(described(text, owner="someone")) == []


@pytest.mark.pulumi
def test_the_inventory_of_a_running_lab_fits(ha_lab: Laboratory) -> None:
    exported = json.loads(pulumi("stack", "output", "inventory", "--json", "--stack", ha_lab.inventory.lab).stdout)
    assert problems(exported) == []
    assert parse(exported) == ha_lab.inventory


@pytest.mark.parametrize("key", sorted(SCHEMA["properties"]))
def test_nothing_may_be_missing_or_unknown(key: str) -> None:
    document = described(HA + "    gateways: {count: 2}\n")
    missing = {name: value for name, value in document.items() if name != key}
    assert problems(missing) == [f"$: {key!r} is a required property"]
    renamed = deepcopy(document) | {f"{key}More": 1}
    assert len(problems(renamed)) == 1
