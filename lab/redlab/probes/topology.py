"""What the UCMDBs of a lab say of themselves: their integrations, and what they and the RTSMs hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redundancy.roles import Role

SETTLED = ("current", "stands by", "asked")
"""States of an integration that neither fails nor waits for its first success."""


@dataclass(frozen=True)
class Integration:
    """A way that topology takes (docs/contract/ucmdb.md), as the UCMDB ``node`` that runs it reports it.

    ``state``: waiting, current, stands by (its source is an instance that does), failing, asked (nothing is copied).
    ``reason``: why it is failing, '' if it is not.
    """

    node: str
    source: str
    target: str
    kind: str
    item_types: tuple[str, ...]
    applied: int
    state: str
    reason: str


def integrations(inventory: Inventory) -> list[Integration]:
    """Return every integration once. Raises RedlabError when a UCMDB does not answer, or the lab has none."""
    servers = inventory.of_role(Role.UCMDB)
    if not servers:
        raise RedlabError(f"lab {inventory.lab} ({inventory.pattern}) has no UCMDB: topology is replicated, or in one")
    return [found for node in servers for found in _of(node)]


def settled(inventory: Inventory) -> bool:
    """Return whether no integration fails or waits for its first success; False while a UCMDB does not answer."""
    try:
        found = integrations(inventory)
    except RedlabError:  # stopped, or just starting
        return False
    return all(one.state in SETTLED for one in found)


def names(inventory: Inventory, store: str, item_type: str) -> set[str]:
    """Return the names of the configuration items of a type that a store has: a UCMDB, or the RTSM of a site.

    Raises RedlabError when it does not answer.
    """
    if store in inventory.data_centers:
        (server,) = inventory.of_site(store, Role.DATABASE)
        return set(database.query(server, "rtsm", _NAMES.format(item_type=item_type)).splitlines())
    said = engine.read_json(inventory.node(store), ["topology", "items", "--types", item_type])
    return {item["name"] for item in said["items"]}


_NAMES = "SELECT name FROM configuration_items WHERE type = '{item_type}' AND attributes IS NOT NULL"


def discover(inventory: Inventory, site: str, item_type: str, wanted: Sequence[str]) -> None:
    """Have the RTSM of a site hold configuration items, as its collectors would. Raises RedlabError when it cannot."""
    (server,) = inventory.of_site(site, Role.DATABASE)
    listed = ", ".join(f"'{name}'" for name in wanted)
    database.query(
        server,
        "rtsm",
        f"SELECT count(put_item('{site}', '{item_type}', name, '{{\"discovered\": true}}')) "  # noqa: S608 - names of our own
        f"FROM unnest(ARRAY[{listed}]) AS name",
    )


def _of(node: Node) -> Iterator[Integration]:
    status = engine.read_json(node, ["topology", "show"])
    for one in status["integrations"]:
        yield Integration(
            node.name,
            one["source"],
            one["target"],
            one["type"],
            tuple(one["item_types"]),
            one["applied"],
            one["state"],
            one["reason"],
        )
