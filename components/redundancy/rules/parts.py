"""Parts of a document that its pattern has."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.building import BUSINESS_CONTINUITY, DISASTER_RECOVERY, DISTRIBUTED, SEVERAL_SITES, TWO_INSTANCES
from redundancy.loading import Source
from redundancy.rules.problem import Problem
from redundancy.topology import Topology


def only_where_it_counts(topology: Topology, source: Source) -> Iterator[Problem]:
    """What a pattern has no use for must not be given: it would be ignored."""
    for key, patterns in _HAVE.items():
        if source.document.get(key) and topology.pattern not in patterns:
            yield Problem(
                key, "given", "nothing", f"{topology.pattern} has none; it is a part of {' and '.join(patterns)}"
            )


_HAVE = {
    "witness": (DISTRIBUTED,),
    "links": SEVERAL_SITES,
    "globalLoadBalancer": SEVERAL_SITES,
    "replication": (DISASTER_RECOVERY,),
    "ucmdb": TWO_INSTANCES,
    "eventExchange": (BUSINESS_CONTINUITY,),
    "serviceDesk": (BUSINESS_CONTINUITY,),
}
"""Parts of the document that not every pattern has."""
