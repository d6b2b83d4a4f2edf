"""Whether every node is like its counterparts in its pool, and in the other site or instance.

The best practices demand the same operating system and root directory (chapter 3), and comparable servers (chapters 1
and 2). A difference that the topology declares, such as another image during an upgrade, is reported as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, system
from redlab.recovery.readiness.finding import Finding
from redundancy.roles import Role

ALLOWED = "the same operating system, architecture, root directory, image, programs, limits and classes"
_SHOWN = (system.OPERATING_SYSTEM, system.ARCHITECTURE, system.ROOT_DIRECTORY)

Facts = Mapping[str, Mapping[str, str]]


def findings(inventory: Inventory) -> list[Finding]:
    """Return one point for each role that has several nodes; with two instances, one for database settings too."""
    nodes = sorted(inventory.nodes, key=lambda node: node.role)
    pools = [list(own) for _, own in groupby(nodes, key=lambda node: node.role)]
    compared = [pool for pool in pools if len(pool) > 1]
    asked = [node for pool in compared for node in pool]
    found = {
        node.name: {**own, **declared(node)} for node, own in zip(asked, system.facts(inventory, asked), strict=True)
    }
    points = [finding(pool[0].role, [node.name for node in pool], found) for pool in compared]
    return [*points, same_settings(*inventory.of_role(Role.DATABASE))] if inventory.two_instances else points


def declared(node: Node) -> dict[str, str]:
    """Return the performance that the topology declares for a node. Docker enforces none of it (README). Pure."""
    classes = {"network class": node.network_class, "storage class": node.storage_class}
    return {what: given for what, given in classes.items() if given}


def finding(role: str, names: Sequence[str], facts: Facts) -> Finding:
    """Compare each node of a role with the first one that answers. Pure."""
    asked = [name for name in names if system.OPERATING_SYSTEM in facts[name]]
    silent = [f"{name} cannot be asked" for name in names if name not in asked]
    first, *others = asked or names
    different = [line for name in others for line in differences(name, facts[name], first, facts[first])]
    problems = [*silent, *different]
    alike = ", ".join(facts[first][key] for key in _SHOWN if key in facts[first])
    return Finding(
        f"counterparts: {role}", not problems, "; ".join(problems) or f"{len(names)} alike: {alike}", ALLOWED
    )


def differences(name: str, own: Mapping[str, str], other: str, others: Mapping[str, str]) -> list[str]:
    """Return the values in which a node differs from its counterpart, in words. Pure."""
    return [
        f"{name} has {key} {own.get(key, 'none')}, {other} {others.get(key, 'none')}"
        for key in dict.fromkeys((*others, *own))
        if own.get(key) != others.get(key)
    ]


def same_settings(one: Node, other: Node) -> Finding:
    """Whether two database servers run with the same settings, except for those that depend on their roles."""
    name, allowed = "settings of the databases", "no difference"
    try:
        first, second = _settings(one), _settings(other)
    except RedlabError as error:
        return Finding(name, False, str(error), allowed)
    different = [
        f"{key}: {one.name} {first.get(key)}, {other.name} {second.get(key)}"
        for key in sorted({*first, *second})
        if first.get(key) != second.get(key)
    ]
    return Finding(name, not different, "; ".join(different) or f"the same {len(first)}", allowed)


_OWN = (
    "cluster_name",
    "primary_conninfo",
    "primary_slot_name",
    "synchronous_standby_names",
    "default_transaction_read_only",
    "redlab.follows",
)
"""Settings that depend on the role of a database server."""


def _settings(node: Node) -> dict[str, str]:
    shown = database.query(
        node,
        "postgres",
        "SELECT string_agg(name || '=' || setting, E'\\n') FROM pg_settings "
        "WHERE source IN ('configuration file', 'command line')",
    )
    found = dict(line.split("=", 1) for line in shown.splitlines())
    return {key: value for key, value in found.items() if key not in _OWN}
