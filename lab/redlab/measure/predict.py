"""The recovery time each scenario may take at most, derived from the topology's own timers.

A bound is a worst case: every timer has just restarted when the fault strikes, every poll has just missed the news. It
is the sum of named terms, so that a report can show where it comes from. Each service has its own derivation; the
pattern's bound is the greatest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab.measure import derivations
from redlab.measure.timers import PROCESSING_CYCLE_SECONDS, Timers

if TYPE_CHECKING:
    from collections.abc import Callable

    from redlab.measure.derivations import Outage, Term


@dataclass(frozen=True, slots=True)
class Derivation:
    """One service's bound as named terms, in seconds, in the order in which they pass."""

    service: str
    terms: tuple[Term, ...]

    @property
    def seconds(self) -> float:
        """The bound: the sum of the terms."""
        return sum(seconds for _, seconds in self.terms)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A scenario's bounds: for `collection`, `user` and `processing`."""

    scenario: str
    derivations: tuple[Derivation, ...]

    @property
    def worst(self) -> Derivation:
        """The derivation of the greatest bound."""
        return max(self.derivations, key=lambda derivation: derivation.seconds)

    @property
    def rto_seconds(self) -> float:
        """The pattern's bound, in seconds."""
        return self.worst.seconds


def predict(scenario: str, timers: Timers, *, twins: bool = False, bound: str = "") -> Prediction:
    """Derive the bounds of a scenario, with ``twins`` of one of twin instances; ``bound``: they are another one's.

    Raises KeyError, with the known names, for another name.
    """
    return derive(scenario, derivation_of(bound or scenario, twins=twins)(timers), timers)


def derivation_of(scenario: str, *, twins: bool = False) -> Callable[[Timers], Outage]:
    """Return what derives how long a scenario's outage lasts at most, with ``twins`` of one of twin instances.

    Raises KeyError, with the known names, for another name.
    """
    outages = _TWIN_OUTAGES if twins else _OUTAGES
    if scenario not in outages:
        raise KeyError(f"no prediction for scenario {scenario!r}; known: {', '.join(outages)}")
    return outages[scenario]


def derive(scenario: str, outage: Outage, timers: Timers) -> Prediction:
    """Derive each service's bound from how long an outage keeps collection and the services away."""
    collection, services = outage
    # Processing needs an accepted event as well as an active DPS, and then one cycle of work.
    processing = max(collection, services, key=lambda terms: sum(seconds for _, seconds in terms))
    announced = ("gateways learn who is active", timers.gateway_poll_seconds)
    # A user needs a gateway to answer him and an active DPS behind it.
    user = (*services, announced) if services else collection
    cycle = ("pull, write and commit", PROCESSING_CYCLE_SECONDS)
    next_operation = ("next operation is due", timers.load_interval_seconds)
    # The run of successes may begin with an operation that the outage held until just before its client gave up.
    held = ("slowest answer a client waits for", timers.client_timeout_seconds)
    return Prediction(
        scenario,
        (
            Derivation("collection", (*collection, next_operation, held)),
            Derivation("user", (*user, next_operation, held)),
            Derivation("processing", (*processing, next_operation, held, cycle)),
        ),
    )


_OUTAGES: dict[str, Callable[[Timers], Outage]] = {
    "gateway-crash": derivations.gateway_lost,
    "gateway-hang": derivations.gateway_lost,
    "dps-crash": derivations.dps_lost,
    "dps-hang": derivations.dps_lost,
    "dps-crash-manual": derivations.dps_lost_manual,
    "load-balancer-crash": derivations.load_balancer_lost,
    "database-crash": derivations.database_lost,
    "dps-switchover": derivations.dps_switchover,
    "dps-crash-under-failover": derivations.dps_lost_twice,
    "site-loss": derivations.site_lost,
    "site-loss-automatic": derivations.site_lost_automatic,
    "site-isolation": derivations.site_isolated,
    "wan-cut-one-way": derivations.database_standby_lost,
    "wan-degraded": derivations.tolerated,
    "database-primary-crash": derivations.database_primary_lost,
    "database-primary-crash-fenced": derivations.database_primary_fenced,
    "database-primary-hang": derivations.database_primary_lost,
    "database-standby-hang": derivations.database_standby_lost,
    # It may be the member of the store that leads.
    "witness-loss": derivations.store_leader_lost,
    "witness-then-primary-loss": derivations.database_primary_fenced,
    "glb-switchover": derivations.tolerated,
    "site-failback": derivations.site_failback,
    "production-loss": derivations.production_lost,
    "production-isolation": derivations.production_lost,
    "replication-stall": derivations.production_lost,
    "wan-cut": derivations.tolerated,
    "failover-interrupted": derivations.production_lost_interrupted,
    "switchover": derivations.production_moved,
    "failback": derivations.production_moved,
    "ucmdb-loss": derivations.tolerated,
    "test-failover": derivations.tolerated,
    "upgrade-broken": derivations.tolerated,
    "power-cut": derivations.power_lost,
}
_TWIN_OUTAGES: dict[str, Callable[[Timers], Outage]] = {
    "site-loss": derivations.users_moved_automatic,
    "site-loss-manual": derivations.users_moved,
    "wan-cut": derivations.tolerated,
    "wan-cut-one-way": derivations.tolerated,
    "event-storm": derivations.tolerated,
    "owner-crash-before-forward": derivations.tolerated,
    "owner-crash-after-forward": derivations.tolerated,
    "service-manager-loss": derivations.tolerated,
    "ucmdb-loss": derivations.tolerated,
    "wide-area-lb-switchover": derivations.tolerated,
    "wide-area-lb-crash": derivations.users_cut_off,
    "local-lb-crash": derivations.users_moved_automatic,
    "upgrade-broken": derivations.tolerated,
    "drift-blocks-failover": derivations.tolerated,
    "power-cut": derivations.power_lost,
}
SCENARIOS = tuple(_OUTAGES)
"""The scenarios of one instance and of two of which one stands by that have a prediction, as they are listed."""
TWIN_SCENARIOS = tuple(_TWIN_OUTAGES)
"""Those of twin instances."""
