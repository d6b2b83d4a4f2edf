"""Whether every node is like its counterparts: of its pool, and of the other site or instance.

The best practices demand the same operating system and root directory (chapter 3), and comparable servers (chapters 1
and 2). A difference that the topology declares, such as another image during an upgrade, is one all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from redlab.inventory import Inventory, Node
from redlab.probes import system
from redlab.readiness.finding import Finding

ALLOWED = "the same operating system, architecture, root directory, image, programs, limits and classes"
_SHOWN = (system.OPERATING_SYSTEM, system.ARCHITECTURE, system.ROOT_DIRECTORY)

Facts = Mapping[str, Mapping[str, str]]


def findings(inventory: Inventory) -> list[Finding]:
    """Return one point for each role that more than one node has."""
    nodes = sorted(inventory.nodes, key=lambda node: node.role)
    pools = [list(own) for _, own in groupby(nodes, key=lambda node: node.role)]
    compared = [pool for pool in pools if len(pool) > 1]
    asked = [node for pool in compared for node in pool]
    found = {
        node.name: {**own, **declared(node)} for node, own in zip(asked, system.facts(inventory, asked), strict=True)
    }
    return [finding(pool[0].role, [node.name for node in pool], found) for pool in compared]


def declared(node: Node) -> dict[str, str]:
    """Return what performance is declared for a node: Docker limits neither (README). Pure."""
    classes = {"network class": node.network_class, "storage class": node.storage_class}
    return {what: given for what, given in classes.items() if given}


def finding(role: str, names: Sequence[str], facts: Facts) -> Finding:
    """Compare the nodes of a role, each with the first that can be asked. Pure."""
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
    """Return what a node has otherwise than its counterpart, in words. Pure."""
    return [
        f"{name} has {key} {own.get(key, 'none')}, {other} {others.get(key, 'none')}"
        for key in dict.fromkeys((*others, *own))
        if own.get(key) != others.get(key)
    ]
