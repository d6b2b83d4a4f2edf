"""How much memory the nodes of each role need at least."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.rules.nodes import pools
from redundancy.rules.problem import Problem
from redundancy.topology import Node, Topology

# Measured under load, and about a third more (docs/measurements.md, The least memory of each role).
LEAST_MEBIBYTES = {
    "gateway": 64,
    "dataProcessingServer": 64,
    "loadBalancer": 32,
    "globalLoadBalancer": 32,
    "database": 128,
    "databaseCluster": 192,
    "serviceDatabase": 128,
    "etcd": 64,
    "ucmdb": 64,
    "serviceManager": 64,
    "operationsOrchestration": 64,
}


def enough_memory(topology: Topology) -> Iterator[Problem]:
    """A node has the memory that its stand-in needs under load; what another image needs is its maker's to know."""
    for path, nodes in _resources(topology):
        for role in dict.fromkeys(node.role for node in nodes):
            key = "databaseCluster" if role == "database" and topology.etcd_nodes else role
            least = LEAST_MEBIBYTES[key]
            stand_ins = [node for node in nodes if node.role == role and not topology.image_of(node)]
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
