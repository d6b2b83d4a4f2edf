"""Converting a topology and a candidate's figures to the simulated system. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redlab.advice.availability import Pool, Reliability, System
from redlab.advice.candidates import HOUR, ZERO, Candidate, Range
from redundancy.topology import Node, Site, Topology

NOTICED_SECONDS = Range(0, 2)
"""Detection time of load balancers (for gateways) and keepalived (for load balancers) in the topologies."""

SERVER = Reliability(mtbf_hours=10_000, mttr_hours=8)
SITE = Reliability(mtbf_hours=87_660, mttr_hours=24)
REACTION_SECONDS = Range(300, 1800)


@dataclass(frozen=True)
class Assumptions:
    """Figures that the best practices do not state: failure rates, repair times, and the reaction time of operators.

    The defaults are assumptions: a server fails about once a year, and is repaired within a working day; a data center
    fails once in ten years, for a day; an operator detects a failure and decides within 5 to 30 minutes.
    """

    server: Reliability = SERVER
    site: Reliability = SITE
    reaction_seconds: Range = REACTION_SECONDS


def system(topology: Topology, candidate: Candidate, assumptions: Assumptions) -> System:
    """Return the simulated system. The load balancer before the sites, and the witness, never fail in it."""
    reaction = assumptions.reaction_seconds
    manual = reaction if candidate.manual_hours.best > 0 else ZERO
    failover = _hours(Range(candidate.rto.best + manual.best, candidate.rto.worst + manual.worst))
    spread = topology.traits.spans_sites
    # If one instance spans the sites, the switch to the other DPS is the failover.
    within = failover if spread else _hours(_server_switch(candidate))
    groups = [tuple(enumerate(topology.sites))] if spread else [(each,) for each in enumerate(topology.sites)]
    return System(
        sites=(assumptions.site,) * len(topology.sites),
        instances=tuple(_pools(group, assumptions.server, within) for group in groups),
        failover_hours=failover,
        lost_hours=_hours(candidate.rpo),
    )


def _server_switch(candidate: Candidate) -> Range:
    """Return the duration of a DPS takeover within an instance: at most that of High Availability."""
    return min(candidate.server_rto, Range(15 * 60, 60 * 60), key=lambda figure: figure.worst)


def _pools(group: Sequence[tuple[int, Site]], server: Reliability, within: Range) -> tuple[Pool, ...]:
    def places(nodes: Callable[[Site], Sequence[Node]]) -> tuple[int, ...]:
        return tuple(index for index, site in group for _ in nodes(site))

    noticed = _hours(NOTICED_SECONDS)
    return (
        Pool(places(lambda site: site.gateways.nodes), server, noticed, one_active=False),
        Pool(places(lambda site: site.load_balancers.nodes), server, noticed),
        Pool(places(lambda site: site.data_processing_servers.nodes), server, within),
        Pool(places(lambda site: site.database.nodes), server, noticed),
    )


def _hours(seconds: Range) -> Range:
    return Range(seconds.best / HOUR, seconds.worst / HOUR)
