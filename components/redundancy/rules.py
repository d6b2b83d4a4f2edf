"""Best-practice rules that a shape cannot express. Pure: a topology in, problems out.

Source of the rules unless another is named: the redundancy best practices for the pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from redundancy.loading import Source, TopologyError
from redundancy.topology import Node, Site, Topology


@dataclass(frozen=True)
class Problem:
    """One broken rule: path in the document, what was found, what is allowed, and why."""

    path: str
    found: str
    allowed: str
    why: str

    def __str__(self) -> str:
        return f"found {self.found}; allowed: {self.allowed}; why: {self.why}"


Rule = Callable[[Topology], Iterator[Problem]]


def one_site(topology: Topology) -> Iterator[Problem]:
    """High Availability lives in one data center (best practices, High Availability)."""
    if topology.pattern == "HighAvailability" and len(topology.sites) != 1:
        yield Problem(
            "sites",
            ", ".join(site.name for site in topology.sites),
            "one site",
            "High Availability protects within one data center; two sites are another pattern",
        )


def comparable_pools(topology: Topology) -> Iterator[Problem]:
    """Nodes of a pool are comparable: the same resource limits (best practices, Common)."""
    for site in topology.sites:
        for key, nodes in _pools(site):
            first = nodes[0]
            for node in nodes[1:]:
                if node.resources != first.resources:
                    yield Problem(
                        f"sites.{site.name}.{key}.nodes.{node.name}",
                        f"{_limits(node)}, but {first.name} has {_limits(first)}",
                        "the same resources for every node of the pool",
                        "a failover to a smaller node would be an outage of its own (best practices: comparable "
                        "hardware)",
                    )


def renewal_fits_lease(topology: Topology) -> Iterator[Problem]:
    """A lease must survive two missed renewals, or a short stall of a healthy DPS looks like its death."""
    controller = topology.controller
    if controller.renew_seconds > controller.lease_seconds / 3:
        yield Problem(
            "highAvailabilityController.renewSeconds",
            f"{controller.renew_seconds:g}",
            f"at most {controller.lease_seconds / 3:g} (a third of leaseSeconds)",
            "two renewals may be missed before the lease ends; else a short stall looks like a dead DPS",
        )


def failover_has_a_target(topology: Topology) -> Iterator[Problem]:
    """Automatic failover needs a second DPS in the site."""
    for site in topology.sites:
        if topology.controller.automatic_failover and len(site.data_processing_servers.nodes) < 2:
            yield Problem(
                "highAvailabilityController.automaticFailover",
                "true",
                f"false, or sites.{site.name}.dataProcessingServers.count: 2",
                "there is no data processing server to fail over to",
            )


def reserved_names(topology: Topology) -> Iterator[Problem]:
    """A site must not be called like the access network."""
    for site in topology.sites:
        if site.name == "access":
            yield Problem(f"sites.{site.name}", "access", "another name", "the network of the clients has this name")


RULES: tuple[Rule, ...] = (one_site, comparable_pools, renewal_fits_lease, failover_has_a_target, reserved_names)


def problems(topology: Topology) -> list[Problem]:
    """Return every broken rule, in the order of RULES."""
    return list(chain.from_iterable(rule(topology) for rule in RULES))


def enforce(topology: Topology, source: Source) -> Topology:
    """Return the topology, or raise TopologyError with a line for each broken rule, at its place in ``source``."""
    found = problems(topology)
    if found:
        raise TopologyError("\n".join(f"{source.place(p.path.split('.'))}: {p}" for p in found))
    return topology


def _pools(site: Site) -> Iterator[tuple[str, tuple[Node, ...]]]:
    yield "gateways", site.gateways.nodes
    yield "dataProcessingServers", site.data_processing_servers.nodes
    yield "loadBalancers", site.load_balancers.nodes


def _limits(node: Node) -> str:
    return f"{node.resources.memory_mebibytes} MiB and {node.resources.cpu_shares} CPU shares"
