"""What sites and the third place may be called."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.naming import ACCESS_NETWORK
from redundancy.rules.problem import Problem
from redundancy.topology import NEAREST, SPREAD, Link, Topology

RESERVED_PLACES = {
    ACCESS_NETWORK: "the network of the clients has this name",
    NEAREST: "globalLoadBalancer.activeSite uses it for every site",
    SPREAD: "globalLoadBalancer.activeSite uses it for every site",
    "none": "the global load balancer uses it before any site is active",
}
"""Names that no place may have, each with the reason."""
RESERVED_ENDING = "-preferred"
"""How the global load balancer marks a site that may be replaced by the other one: no place's name may end so."""


def reserved_names(topology: Topology) -> Iterator[Problem]:
    """No place may be called by a word that the lab itself uses for something else."""
    for place, _ in topology.places:
        why = RESERVED_PLACES.get(place)
        if place.endswith(RESERVED_ENDING):
            why = f"the global load balancer adds {RESERVED_ENDING} to a site that may be replaced by the other one"
        if why:
            yield Problem(_path_of(topology, place), place, "another name", why)


def distinct_names(topology: Topology) -> Iterator[Problem]:
    """A name says which node or place is meant, and each link has a name of its own."""
    nodes = {node.name: node.role for node in topology.nodes}
    # Integrations call the UCMDBs by the last part of their names.
    nodes |= {node.name.rpartition("-")[2]: node.role for node in (topology.ucmdb.nodes if topology.ucmdb else ())}
    for place, _ in topology.places:
        if place in nodes:
            yield Problem(
                _path_of(topology, place),
                place,
                "another name",
                f"a node ({nodes[place]}) of this lab has this name; commands and integrations could mean either",
            )
    firsts: dict[str, Link] = {}
    for link in topology.links:
        first = firsts.setdefault(link.name, link)
        if first.sites != link.sites:  # the same twice: a third place that is one of the sites, which has a rule
            yield Problem(
                "sites",
                f"{link.name} as the name of two links, between {' and '.join(first.sites)}, and between "
                f"{' and '.join(link.sites)}",
                "other names of places",
                "a link is named by the places it joins, and each link needs a name of its own",
            )


def _path_of(topology: Topology, place: str) -> str:
    third = topology.third_place
    if third is None or third.name != place:
        return f"sites.{place}"
    return "witness.site" if topology.witness else "ucmdb.site"
