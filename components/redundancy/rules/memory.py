"""How much memory the nodes of each role need at least."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.rules.nodes import pools
from redundancy.rules.problem import Problem
from redundancy.topology import Node, Topology


def enough_memory(topology: Topology) -> Iterator[Problem]:
    """A node has the memory that its stand-in needs under load; what another image needs is its maker's to know."""
    for path, nodes in _resources(topology):
        for role in dict.fromkeys(node.role for node in nodes):
            least = role.stand_in(clustered=bool(topology.etcd_nodes)).least_mebibytes
            stand_ins = [node for node in nodes if node.role is role and not topology.image_of(node)]
            found = min((node.resources.memory_mebibytes for node in stand_ins), default=least)
            if found < least:
                yield Problem(
                    f"{path}.memoryMebibytes",
                    str(found),
                    f"at least {least}",
                    f"with less the kernel ends what runs in a node of role {role} under load (docs/measurements.md)",
                )


def _resources(topology: Topology) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """Yield each place in a document that says what nodes may have, and these nodes."""
    for site in topology.sites:
        for key, pool in pools(site):
            # Single nodes that differ are told by the rule that they must not.
            yield f"sites.{site.name}.{key}.resources", pool
        yield f"sites.{site.name}.database.resources", site.database.nodes
    if topology.etcd_nodes:
        members = tuple(node for site in topology.sites for node in site.database.etcd)
        yield "databaseCluster.etcdResources", members
    if topology.witness:
        yield "witness.resources", topology.witness.nodes
    if topology.ucmdb:
        yield "ucmdb.resources", topology.ucmdb.nodes
    if topology.global_load_balancer:
        yield "globalLoadBalancer.resources", (topology.global_load_balancer.node,)
    if topology.service_desk:
        desk = topology.service_desk
        yield "serviceDesk.resources", (desk.service_manager, desk.operations_orchestration)
        yield "serviceDesk.databaseResources", (desk.database,)
