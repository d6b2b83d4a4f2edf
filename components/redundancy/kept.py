"""What the nodes of a lab keep in their volumes, and whether a changed topology can go on with it. Pure.

Another pattern, or another kind of database, would find files that it does not understand, or make new ones and leave
what was acknowledged behind. Nothing migrates that; so it is refused before anything changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redundancy.naming import LABEL_PREFIX
from redundancy.roles import Role

_KINDS = (
    ("REDLAB_CLUSTER=", "a member of a cluster"),
    ("REDLAB_LOGICAL_REPLICATION=true", "one of two, of which all databases but rtsm are replicated"),
    ("REDLAB_REPLICATION_PEER=", "one of two, replicated as a whole"),
    ("", "a single server"),
)
"""What a database server is, by what its environment has."""


@dataclass(frozen=True)
class Held:
    """A node that keeps something: its name, role, the pattern that it was made by; what its database is, if known."""

    node: str
    role: str
    pattern: str
    kind: str = ""


def held(labels: Mapping[str, str], environment: Sequence[str] = ()) -> Held:
    """Return what a volume or container of a lab says by its labels, and a container by its environment."""
    said = {key: labels.get(f"{LABEL_PREFIX}{key}", "") for key in ("node", "role", "pattern")}
    known = said["role"] == Role.DATABASE and environment
    return Held(**said, kind=next(kind for begin, kind in _KINDS if _has(environment, begin)) if known else "")


def _has(environment: Sequence[str], begin: str) -> bool:
    return not begin or any(one.startswith(begin) for one in environment)


def problems(described: Mapping[str, Any], found: Iterable[Held]) -> Iterator[str]:
    """Yield why a lab as ``described`` (its inventory) cannot take over what is kept; the most general reason alone."""
    kept = sorted({*found}, key=lambda one: (one.node, one.kind))
    lab, pattern, planned = described["lab"], described["pattern"], {node["name"] for node in described["nodes"]}
    way_out = (
        f"nothing carries its data over. `./redlab destroy {lab}` gives it up; another stack name leaves this lab as "
        "it is. Nothing was changed"
    )
    for one in kept:
        if one.pattern and one.pattern != pattern:
            yield f"lab {lab} is there as {one.pattern}, and is to be {pattern}: {way_out}"
            return
    wanted = _wanted(described)
    for one in kept:
        if one.role != Role.DATABASE:
            continue
        if one.kind and one.kind != wanted:
            yield f"lab {lab}: its database {one.node} is {one.kind}, and is to be {wanted}: {way_out}"
            return
        if one.node not in planned:
            yield f"lab {lab}: its database {one.node} is in the topology no more: {way_out}"
            return


def _wanted(described: Mapping[str, Any]) -> str:
    roles = {node["role"] for node in described["nodes"]}
    environment = [
        *(["REDLAB_CLUSTER="] if Role.ETCD in roles else []),
        *(["REDLAB_LOGICAL_REPLICATION=true"] if described["replication"] and Role.UCMDB in roles else []),
        *(["REDLAB_REPLICATION_PEER="] if described["replication"] else []),
    ]
    return next(kind for begin, kind in _KINDS if _has(environment, begin))
