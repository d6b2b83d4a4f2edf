"""The patterns and combinations to choose from, with the figures of the best practices. Pure.

Unless stated otherwise, every figure is from the pattern's chapter of HP Business Service Management, BSM Redundancy –
Best Practices, software version 9.26, document release date February 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redundancy.topology import Topology
from redundancy.traits import PatternName

CLOSE_TO_ZERO_SECONDS = 60.0
"""The assumed value of "close to zero", for which the best practices give no number."""


@dataclass(frozen=True)
class Range:
    """The best and the worst expected value, in the unit of the figure."""

    best: float
    worst: float

    @property
    def mean(self) -> float:
        """The middle of the range."""
        return (self.best + self.worst) / 2


@dataclass(frozen=True)
class Candidate:
    """A pattern, with or without High Availability in its instances.

    ``rank``: the pattern's cost in the order of the best practices; equal ranks are ordered by nodes.
    ``stack``, ``overrides``: the topology of the candidate.   ``server_rto``: RTO in seconds when one server fails.
    ``manual_hours``: hours of manual work for one failover.
    """

    name: str
    pattern: PatternName
    rank: int
    stack: str
    overrides: Mapping[str, Any]
    sites: int
    rto: Range
    server_rto: Range
    rpo: Range
    manual_hours: Range
    licences: int = 1
    collectors: int = 1
    configurations: int = 1
    survives: frozenset[str] = frozenset()

    @property
    def active_active(self) -> bool:
        """Whether the pattern has two active instances, each with its own configuration."""
        return self.pattern.traits.active_active

    @property
    def short(self) -> str:
        """The abbreviation for column headings: DHA, DR+HA."""
        parts = (part.removesuffix(_WITH_UCMDB) for part in self.name.split(" + "))
        return "+".join("".join(word[0] for word in part.split()) for part in parts)


_WITH_UCMDB = " with UCMDB"
MINUTE, HOUR = 60.0, 3600.0
_HA_RTO = Range(15 * MINUTE, 60 * MINUTE)
_DR_RTO = Range(2 * HOUR, 24 * HOUR)
ZERO = Range(0, 0)
NEAR = Range(0, CLOSE_TO_ZERO_SECONDS)


def candidates(*, existing_ucmdb: bool) -> tuple[Candidate, ...]:
    """Return all candidates, the cheapest first. With a UCMDB, it provides the topology of Disaster Recovery."""
    recovery = "dr-ucmdb" if existing_ucmdb else "dr"
    suffix = _WITH_UCMDB if existing_ucmdb else ""
    dr: dict[str, Any] = {
        "pattern": PatternName.DISASTER_RECOVERY,
        "rank": 3,
        "stack": recovery,
        "sites": 2,
        "rto": _DR_RTO,
        "rpo": _DR_RTO,
        "manual_hours": Range(1, 3),
        "survives": frozenset({"site", "disaster"}),
    }
    bc: dict[str, Any] = {
        "pattern": PatternName.BUSINESS_CONTINUITY,
        "rank": 4,
        "stack": "business-continuity",
        "sites": 2,
        "rto": NEAR,
        "rpo": NEAR,
        # One change at the wide-area load balancer, which can also make it automatically.
        "manual_hours": Range(0, 0.25),
        "licences": 2,
        "collectors": 2,
        "configurations": 2,
        "survives": frozenset({"site", "disaster"}),
    }
    alone = {**_in_both_sites(1), "highAvailabilityController": {"automaticFailover": False}}
    available = _in_both_sites(2)
    return (
        Candidate(
            "High Availability",
            PatternName.HIGH_AVAILABILITY,
            1,
            "ha",
            {},
            sites=1,
            rto=_HA_RTO,
            server_rto=_HA_RTO,
            rpo=ZERO,
            # The High Availability Controller can do it automatically; by hand it is one step in System Health.
            manual_hours=Range(0, 0.25),
        ),
        Candidate(
            "Distributed High Availability",
            PatternName.DISTRIBUTED_HIGH_AVAILABILITY,
            2,
            "distributed-ha",
            {},
            sites=2,
            rto=Range(30 * MINUTE, 60 * MINUTE),
            server_rto=Range(30 * MINUTE, 60 * MINUTE),
            rpo=NEAR,
            # Failover is manual: an operator has to be present for the whole RTO.
            manual_hours=Range(0.5, 1),
            survives=frozenset({"site"}),
        ),
        Candidate(f"Disaster Recovery{suffix}", overrides=alone, server_rto=_DR_RTO, **dr),
        Candidate(f"Disaster Recovery{suffix} + High Availability", overrides=available, server_rto=_HA_RTO, **dr),
        Candidate("Business Continuity", overrides=alone, server_rto=NEAR, **bc),
        Candidate("Business Continuity + High Availability", overrides=available, server_rto=NEAR, **bc),
    )


def counted_nodes(topology: Topology) -> int:
    """Return the number of servers that an operator of the topology would run, without the lab's load and links."""
    return sum(not node.role.row.of_the_lab for node in topology.nodes)


def _in_both_sites(count: int) -> dict[str, Any]:
    pools = ("gateways", "dataProcessingServers", "loadBalancers")
    return {"sites": {site: {pool: {"count": count} for pool in pools} for site in ("dc1", "dc2")}}
