"""Best-practice rules that a shape cannot express, one module a noun. Pure: a topology in, problems out.

Source of the rules unless another is named: the redundancy best practices for the pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from redundancy import loading
from redundancy.loading import Source
from redundancy.model import Document
from redundancy.reading import DocumentError, told
from redundancy.rules.clients import known_clients, only_at_a_wide_area_load_balancer
from redundancy.rules.database import database_accounts
from redundancy.rules.instances import (
    failover_is_a_procedure,
    identical_instances,
    logical_replication_is_asynchronous,
    replicated_databases,
    twins_alone,
)
from redundancy.rules.links import known_links, near_sites
from redundancy.rules.memory import enough_memory
from redundancy.rules.names import distinct_names, reserved_names
from redundancy.rules.nodes import comparable_pools, failover_has_a_target, known_nodes
from redundancy.rules.parts import only_where_it_counts
from redundancy.rules.pool import usable_pool
from redundancy.rules.problem import Problem
from redundancy.rules.sites import (
    distributed_nodes,
    known_active_site,
    one_site,
    third_place,
    two_sites,
)
from redundancy.rules.timers import check_fits_wait, equal_timers, patroni_timers, renewal_fits_lease
from redundancy.rules.ucmdb import known_stores
from redundancy.topology import Topology

Rule = Callable[[Topology], Iterator[Problem]]
DocumentRule = Callable[[Topology, Document], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    one_site,
    two_sites,
    near_sites,
    distributed_nodes,
    identical_instances,
    replicated_databases,
    database_accounts,
    twins_alone,
    failover_is_a_procedure,
    logical_replication_is_asynchronous,
    comparable_pools,
    patroni_timers,
    equal_timers,
    renewal_fits_lease,
    check_fits_wait,
    enough_memory,
    failover_has_a_target,
    reserved_names,
    distinct_names,
    third_place,
    known_active_site,
    only_at_a_wide_area_load_balancer,
    known_clients,
    usable_pool,
)
DOCUMENT_RULES: tuple[DocumentRule, ...] = (known_nodes, known_links, known_stores, only_where_it_counts)
"""Rules about what a document says and its topology does not show: names of what is not there would be ignored."""


def problems(topology: Topology) -> list[Problem]:
    """Return every broken rule, in the order of RULES."""
    return list(chain.from_iterable(rule(topology) for rule in RULES))


def accept(source: Source, lab: str, address_pool: str | None = None) -> Topology:
    """Return the topology of the lab called ``lab`` that a document describes.

    Raises DocumentError with every fault at once, of the shape and of the rules. A rule is told only where no fault of
    the shape is in the same part of the document: what it would find there may come of that fault.
    """
    faults = loading.name_faults(lab)
    broken = loading.Broken(source)
    document = broken.repaired() if broken.faults else source.document
    if document is not None:
        topology = loading.built(document, lab, address_pool)
        found = [*problems(topology), *chain.from_iterable(rule(topology, document) for rule in DOCUMENT_RULES)]
        # A pool that the document does not name is the stack config's.
        config = Source("config redundancy", {}) if "addressPool" not in document and address_pool else source
        faults += [
            (config if problem.path == "addressPool" else source).fault(
                problem.path.split("."), f"found {problem.found}", problem.allowed, problem.why
            )
            for problem in found
            if broken.allows(problem.path.split("."))
        ]
    if broken.faults or faults:
        raise DocumentError(told([*broken.faults, *faults]))
    return topology
