"""Best-practice rules that a shape cannot express, one module a noun. Pure: a topology in, problems out.

Source of the rules unless another is named: the redundancy best practices for the pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from redundancy.loading import Source, TopologyError
from redundancy.rules.instances import (
    failover_is_a_procedure,
    identical_instances,
    logical_replication_is_asynchronous,
    replicated_databases,
    twins_alone,
)
from redundancy.rules.links import near_sites
from redundancy.rules.names import distinct_names, reserved_names
from redundancy.rules.nodes import comparable_pools, failover_has_a_target
from redundancy.rules.parts import only_where_it_counts
from redundancy.rules.problem import Problem
from redundancy.rules.sites import distributed_nodes, one_site, two_sites
from redundancy.rules.timers import patroni_timers, renewal_fits_lease
from redundancy.topology import Topology

Rule = Callable[[Topology], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    one_site,
    two_sites,
    near_sites,
    distributed_nodes,
    identical_instances,
    replicated_databases,
    twins_alone,
    failover_is_a_procedure,
    logical_replication_is_asynchronous,
    comparable_pools,
    patroni_timers,
    renewal_fits_lease,
    failover_has_a_target,
    reserved_names,
    distinct_names,
)


def problems(topology: Topology) -> list[Problem]:
    """Return every broken rule, in the order of RULES."""
    return list(chain.from_iterable(rule(topology) for rule in RULES))


def enforce(topology: Topology, source: Source) -> Topology:
    """Return the topology, or raise TopologyError with a line for each broken rule, at its place in ``source``."""
    found = [*problems(topology), *only_where_it_counts(topology, source)]
    if found:
        raise TopologyError("\n".join(f"{source.place(p.path.split('.'))}: {p}" for p in found))
    return topology
