"""Parts of a document that its pattern has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redundancy.model import Document, in_documents, key_of, said_of
from redundancy.rules.problem import Problem
from redundancy.topology import (
    Topology,
)


def only_where_it_counts(topology: Topology, document: Document) -> Iterator[Problem]:
    """What a topology has no use for must not be given, not even empty: it would be ignored."""
    for one in in_documents(topology):
        key, patterns = key_of(one), said_of(one).patterns
        if key in document and topology.pattern not in (patterns or (topology.pattern,)):
            yield Problem(
                key, "given", "nothing", f"{topology.pattern} has none; it is a part of {' and '.join(patterns)}"
            )
    if "databaseCluster" in document and not topology.etcd_nodes:
        yield Problem(
            "databaseCluster", "given", "nothing", "no database of this topology is a cluster (database.availability)"
        )
    yield from _images("images", document.get("images", {}), topology.image_roles)
    for site in topology.sites:
        own = document["sites"][site.name].get("images", {})
        yield from _images(f"sites.{site.name}.images", own, frozenset(map(topology.image_role, site.nodes)))


def _images(path: str, given: Iterable[str], roles: frozenset[str]) -> Iterator[Problem]:
    """Images of roles that no node has, in the lab or in a site."""
    for role in given:
        if role not in roles:
            yield Problem(
                f"{path}.{role}",
                "given",
                f"images of {', '.join(sorted(roles))}",
                f"this {'topology' if path == 'images' else 'site'} has no node of the role",
            )
