"""Whether the topology of production is in the other instance, where a UCMDB brings it and no replication does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.probes.stored_events import query
from redlab.probes.stored_kinds import by_integrations
from redlab.probes.topology import Integration, integrations

_HELD = "SELECT type, name, version, md5(coalesce(attributes::text, '')) FROM configuration_items"
Held = Mapping[tuple[str, str], tuple[int, str]]


def lacking(inventory: Inventory, former: Node, heir: Node) -> Callable[[], str]:
    """Return what says, each time, what of the topology of ``former`` does not stand in ``heir`` yet; '' for nothing.

    What no integration brings there stays where it is. Raises RedlabError when a UCMDB does not answer.
    """
    if not by_integrations(inventory):
        return lambda: ""
    ways = [one for one in integrations(inventory) if one.kind != "federation"]

    def lacks() -> str:
        missing = behind(_held(former), _held(heir), ways, former.site, heir.site)
        return f"{len(missing)} configuration items, such as {missing[0]}" if missing else ""

    return lacks


def behind(here: Held, there: Held, ways: Collection[Integration], source: str, target: str) -> list[str]:
    """Return the items that ``target`` does not hold as ``source`` does, or newer, and should. Pure."""
    brought = {item_type for item_type in {key[0] for key in here} if brings(ways, source, target, item_type)}
    return [
        f"{item_type} {name}"
        for (item_type, name), (version, content) in sorted(here.items())
        if item_type in brought and not _arrived(version, content, there.get((item_type, name)))
    ]


def brings(ways: Iterable[Integration], source: str, target: str, item_type: str) -> bool:
    """Whether integrations bring items of a type from one store to another, over others. Pure."""
    steps = [(one.source, one.target) for one in ways if not one.item_types or item_type in one.item_types]
    reached = {source}
    while further := {end for start, end in steps if start in reached} - reached:
        reached |= further
    return target in reached


def _arrived(version: int, content: str, held: tuple[int, str] | None) -> bool:
    return held is not None and (held[1] == content or held[0] > version)


def _held(server: Node) -> Held:
    if database.query(server, "rtsm", "SELECT to_regclass('configuration_items') IS NOT NULL") != "t":
        return {}
    rows = query(server, _HELD, name="rtsm")
    return {(item_type, name): (int(version), content) for item_type, name, version, content in rows}
