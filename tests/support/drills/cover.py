"""Which drills `make test` runs: each mechanism of the product is exercised by one of them at least.

`tests/unit/test_drill_cover.py` holds them against :mod:`tests.support.drills.mechanisms`. A new target, fault, bound
or pattern without a drill fails the checks. `make drills` runs every scenario of every topology.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from redlab.drills.scenario import Scenario
from tests.support.drills.mechanisms import Drill, mechanisms, scenarios_of

# Of those with a mechanism the cheapest. They are run in this order: one that moves everything away is followed, where
# there is one, by one that brings it back.
CHOSEN = {
    "ha": (
        "gateway-hang",
        "dps-crash",
        "dps-crash-manual",
        "load-balancer-crash",
        "database-certificate-expiry",
        "node-cut db1",
        "site-hang dc1",
        "power-cut",
        "upgrade",
        "upgrade-broken",
    ),
    "distributed-ha": (
        "wan-degraded",
        "wan-cut-one-way",
        "database-standby-hang",
        "witness-loss",
        "glb-switchover",
        "site-loss-manual",
        "site-failback",
        "site-loss-automatic",
        "witness-then-primary-loss",
        "site-isolation",
    ),
    "dr": (
        "dps-crash-under-failover",
        "link-cut dc1-dc2",
        "test-failover",
        "replication-stall",
        "failback",
        "failover-interrupted",
    ),
    "dr-ucmdb": ("ucmdb-loss", "database-volume-loss-manual"),
    "business-continuity": (
        "site-loss-manual",
        "event-storm",
        "owner-crash-after-forward",
        "service-manager-loss",
        "wide-area-lb-crash",
        "local-lb-crash",
        "drift-blocks-failover",
    ),
}
COVER = tuple(Drill(stack, title) for stack, titles in CHOSEN.items() for title in titles)
"""The drills that `make test` runs."""


BY_TERMS = frozenset({"bound: database primary lost"})
"""Bounds of which `make test` exercises every term, and not the sum: a drill of it takes three quarters of a minute,
mostly for the lease that `site-isolation` waits for as well. `make drills` runs it.
"""


def holes(chosen: Iterable[Drill], known: Mapping[Drill, Scenario]) -> dict[str, tuple[Drill, ...]]:
    """Return each mechanism of the known drills that none of those chosen exercises, with the drills that would."""
    exercised = frozenset[str]().union(*(mechanisms(drill.stack, known[drill]) for drill in chosen))
    would: dict[str, tuple[Drill, ...]] = {}
    for drill, scenario in known.items():
        for mechanism in mechanisms(drill.stack, scenario) - exercised - BY_TERMS:
            would[mechanism] = (*would.get(mechanism, ()), drill)
    return would


def drills_of(stack: str) -> pytest.MarkDecorator:
    """Run a test with every scenario of a topology, by title; `make test` leaves out what the cover has no need of."""
    # Those of the cover first: the others find the lab as these leave it, in whatever order.
    titles = dict.fromkeys([*CHOSEN[stack], *(one.title for one in scenarios_of(stack))])
    return pytest.mark.parametrize(
        "title",
        [pytest.param(one, marks=() if Drill(stack, one) in COVER else pytest.mark.campaign) for one in titles],
    )
