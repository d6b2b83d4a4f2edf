"""The parameters of an instance, and what its database server itself says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from redlab import engine
from redlab.control import instance_parameters
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import database
from tests.support.unit.inventories import inventory_of

OWN = {
    "instance.database_port": "5433",
    "instance.database_sid": "dc2",
    "instance.database_user": "bsm_dc2",
}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (OWN, []),
        ({**OWN, "instance.database_port": "5432"}, ["instance.database_port is 5433, dc2-db1 has 5432"]),
        ({**OWN, "instance.database_sid": "dc1"}, ["instance.database_sid is dc2, dc2-db1 has dc1"]),
        ({**OWN, "instance.database_user": None}, ["instance.database_user is bsm_dc2, dc2-db1 has None"]),
    ],
)
def test_what_a_server_has_otherwise_is_named(
    said: dict[str, Any], wrong: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = inventory_of("dr")
    monkeypatch.setattr(database, "query_json", lambda *_: said)
    assert instance_parameters.not_so(inventory, inventory.node("dc2-db1")) == wrong


def test_instances_differ_in_port_and_user() -> None:
    inventory = inventory_of("dr")
    first, second = (instance_parameters.of_site(inventory, site) for site in ("dc1", "dc2"))
    for key in ("instance.database_port", "instance.database_user"):
        assert first[key] != second[key]
    ports = [instance_parameters.database_port(inventory, inventory.node(name)) for name in ("dc1-db1", "dc2-db1")]
    assert ports == [5432, 5433]


@pytest.mark.parametrize(
    ("stored", "cleaned", "said"),
    [
        ("redlab", ["dc1-db1"], "the parameters of dc1 .* before, instance.database_user is redlab"),
        ("bsm_dc1", [], "^$"),
        (None, [], "^$"),
    ],
)
def test_a_user_that_the_topology_has_declared_since_reaches_the_database_of_production(
    stored: str | None, cleaned: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it no services start: "the database is another instance's, clean up first"."""
    inventory = inventory_of("dr")
    held = {**instance_parameters.of_site(inventory, "dc1"), "instance.database_user": stored or "bsm_dc1"}
    done: list[str] = []

    def read(*_: object) -> dict[str, str]:
        if stored is None:
            raise RedlabError("the tables are not there yet")
        return held

    def execute(server: Node, command: list[str]) -> str:
        done.append(server.name)
        held.update(json.loads(command[1]))
        return ""

    monkeypatch.setattr(database, "primary", lambda inv: inv.node("dc1-db1"))
    monkeypatch.setattr(database, "query_json", read)
    monkeypatch.setattr(engine, "execute", execute)
    assert re.search(said, instance_parameters.apply_declared(inventory))
    assert done == cleaned
