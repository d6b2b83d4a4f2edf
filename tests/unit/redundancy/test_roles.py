"""The table of roles: each row is complete, and everything that names roles takes it from there (docs/how-to)."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from redlab.report.diagram import Notation, draw
from redlab.stack import checkout
from redundancy import stand_ins
from redundancy.roles import IMAGES, USER_INTERFACES, Role

SCHEMAS = checkout.ROOT / "schemas"
NODES_OF_A_ROLE = 2
"""A network has room for two nodes of a role, in each of two sites."""


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("role", Role)
def test_each_role_is_known_everywhere(role: Role) -> None:
    inventory = {
        "lab": "x",
        "pattern": "HighAvailability",
        "nodes": [{"name": f"{role.row.prefix}1", "role": str(role), "site": "dc1"}],
        "links": [],
    }
    assert all(f"{role.row.prefix}1" in draw(inventory, notation) for notation in Notation)
    assert (stand_ins.STAND_INS / role.row.stand_in.folder / "Dockerfile").is_file()
    assert stand_ins.image(role.row.stand_in.key).startswith("redlab/")
    assert all(peer in Role for peer in role.talks_to)
    assert role in schema("inventory")["$defs"]["Node"]["properties"]["role"]["enum"]


def test_the_inventory_schema_knows_these_roles_and_images_alone() -> None:
    node = schema("inventory")["$defs"]["Node"]["properties"]
    assert set(node["role"]["enum"]) == {str(role) for role in Role}
    assert set(node["imageRole"]["enum"]) == set(IMAGES)
    interface = schema("inventory")["$defs"]["Interface"]["properties"]["name"]
    assert set(interface["enum"]) == {str(name) for name in USER_INTERFACES}


def test_a_topology_may_name_each_image() -> None:
    assert set(schema("topology")["properties"]["images"]["properties"]) == set(IMAGES)


def test_no_two_roles_have_an_address_in_common() -> None:
    first = sorted(role.row.first_host_number for role in Role)
    assert all(later - earlier >= NODES_OF_A_ROLE for earlier, later in pairwise(first))


def test_user_interfaces_differ_in_port_and_address() -> None:
    interfaces = [role.row.interface for role in Role if role.row.interface]
    assert len(set(USER_INTERFACES.values())) == len(USER_INTERFACES) == len(interfaces) + 1
    assert sorted(each.number for each in interfaces) == list(range(1, len(interfaces) + 1))
    assert len({each.published for each in interfaces}) == len(interfaces)


def test_the_guide_names_each_place_of_a_role() -> None:
    text = (checkout.ROOT / "docs" / "how-to" / "add-a-role.md").read_text(encoding="utf-8")
    assert all((checkout.ROOT / path).exists() for path in re.findall(r"`((?:components|docs|lab|tests)/[^`]+)`", text))
    assert "`components/redundancy/roles.py`" in text
