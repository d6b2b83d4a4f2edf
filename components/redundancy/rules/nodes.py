"""What the nodes of a site must have."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.model import Document
from redundancy.roles import Role
from redundancy.rules.problem import Problem
from redundancy.topology import Node, Site, Topology


def comparable_pools(topology: Topology) -> Iterator[Problem]:
    """Nodes of a pool are comparable, in all sites: limits, and declared classes (best practices, chapters 1 and 2)."""
    firsts: dict[str, Node] = {}
    for site in topology.sites:
        for key, nodes in pools(site):
            for node in nodes:
                first = firsts.setdefault(key, node)
                if node.resources != first.resources:
                    yield Problem(
                        f"sites.{site.name}.{key}.nodes.{node.name.removeprefix(site.name + '-')}",
                        f"{limits(node)}, but {first.name} has {limits(first)}",
                        "the same resources for every node of the pool",
                        "a failover to a smaller or slower node would be an outage of its own (best practices, chapter "
                        "1: comparable hardware, memory, network and storage performance)",
                    )


def failover_has_a_target(topology: Topology) -> Iterator[Problem]:
    """Automatic failover needs a second DPS in the instance: in the site, or in the other one."""
    for site in topology.sites[:1]:
        servers = [node for own in topology.instance(site) for node in own.data_processing_servers.nodes]
        if topology.controller.automatic_failover and len(servers) < 2:
            yield Problem(
                "highAvailabilityController.automaticFailover",
                "true",
                f"false, or sites.{site.name}.dataProcessingServers.count: 2",
                "there is no data processing server to fail over to",
            )


def availability(site: Site, allowed: str, why: str) -> Iterator[Problem]:
    """Say so when the database of a site is kept available in another way than the pattern demands."""
    if site.database.availability != allowed:
        yield Problem(f"sites.{site.name}.database.availability", site.database.availability, allowed, why)


def limits(node: Node) -> str:
    """Return a node's resource limits in words."""
    has = node.resources
    classes = (("network", has.network_class), ("storage", has.storage_class))
    declared = "".join(f", {what} {given}" for what, given in classes if given)
    return f"{has.memory_mebibytes} MiB and {has.cpu_shares} CPU shares{declared}"


def pools(site: Site) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """Yield the pools of a site: key in the document, nodes."""
    for role, pool in site.pools.items():
        yield role.row.section, pool.nodes


def known_nodes(topology: Topology, document: Document) -> Iterator[Problem]:
    """Overridden nodes are nodes of their pool."""
    for site in topology.sites:
        own = document["sites"][site.name]
        for key, nodes in (*pools(site), (Role.DATABASE.row.section, (*site.database.nodes, *site.database.etcd))):
            known = [node.name.removeprefix(f"{site.name}-") for node in nodes]
            for node in own.get(key, {}).get("nodes", {}):
                if node not in known:
                    yield Problem(
                        f"sites.{site.name}.{key}.nodes.{node}",
                        node,
                        ", ".join(known),
                        f"the pool has {len(known)} node(s)",
                    )
