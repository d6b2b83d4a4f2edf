"""The recovery time each scenario may take at most, derived from the topology's own timers.

A bound is a worst case: every timer has just restarted when the fault strikes, every poll has just missed the news. It
is the sum of named terms, so that a report can show where it comes from. Each service has its own derivation; the
pattern's bound is the greatest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab.measure.timers import (
    ARP_SECONDS,
    COMMAND_SECONDS,
    DATABASE_SWITCHOVER_SECONDS,
    FENCING_SECONDS,
    HANDOVER_SECONDS,
    MANAGEMENT_CALL_SECONDS,
    PROCESSING_CYCLE_SECONDS,
    PROMOTION_SECONDS,
    REROUTE_SECONDS,
    SITE_CHECK_SECONDS,
    STORE_ELECTION_SECONDS,
    Timers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Term = tuple[str, float]


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


def predict(scenario: str, timers: Timers, *, twins: bool = False) -> Prediction:
    """Derive the bounds of a scenario, with ``twins`` of one of twin instances.

    Raises KeyError, with the known names, for another name.
    """
    outages = _TWIN_OUTAGES if twins else _OUTAGES
    if scenario not in outages:
        raise KeyError(f"no prediction for scenario {scenario!r}; known: {', '.join(outages)}")
    collection, services = outages[scenario](timers)
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


_Outage = tuple[tuple[Term, ...], tuple[Term, ...]]
"""How long collection is away, and how long the services (users, processing) are."""


def _takeover(timers: Timers) -> tuple[Term, ...]:
    return (
        ("standby reads the lease", timers.standby_poll_seconds),
        ("takeover transaction", timers.takeover_seconds),
        ("services start", timers.service_start_seconds),
    )


def _gateway_lost(timers: Timers) -> _Outage:
    # Each failing check may wait its whole interval and then its time-out: a dead address answers nothing.
    noticed = timers.check_fall * (timers.check_interval_seconds + timers.check_timeout_seconds)
    return ((f"load balancer's {timers.check_fall} failed checks", noticed),), ()


def _dps_lost(timers: Timers) -> _Outage:
    return (), (("lease expires, renewed just before", timers.lease_seconds), *_takeover(timers))


def _dps_lost_manual(timers: Timers) -> _Outage:
    return (), (
        ("operator's delay", timers.operator_delay_seconds),
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("former holder is given to release", HANDOVER_SECONDS),
        *_takeover(timers),
    )


def _dps_switchover(timers: Timers) -> _Outage:
    return (), (
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("active DPS reads that it is relieved", timers.renew_seconds),
        ("former holder is given to release", HANDOVER_SECONDS),
        *_takeover(timers),
    )


def _dps_lost_twice(timers: Timers) -> _Outage:
    _, first = _dps_lost(timers)
    return (), (
        *first,
        ("second fault lasts", timers.fault_seconds),
        ("node starts", timers.node_start_seconds),
        ("lease of the second expires", timers.lease_seconds),
        *_takeover(timers),
    )


def _load_balancer_lost(timers: Timers) -> _Outage:
    if timers.load_balancers > 1:
        # RFC 5798, 6.1: Master_Down_Interval = 3 × advertisement + skew, and the skew is less than one advertisement.
        outage: tuple[Term, ...] = (
            ("HAProxy's death noticed by its track script", timers.track_interval_seconds),
            ("3 VRRP advertisements missed", 3 * timers.vrrp_advert_seconds),
            ("VRRP skew", timers.vrrp_advert_seconds),
            ("neighbours learn the new address", ARP_SECONDS),
            ("connection to the dead one given up", timers.connect_timeout_seconds),
        )
    else:
        outage = (("fault lasts", timers.fault_seconds), ("node starts", timers.node_start_seconds))
    return outage, outage


def _database_lost(timers: Timers) -> _Outage:
    return (), (
        ("fault lasts", timers.fault_seconds),
        ("database starts and recovers", timers.database_recovery_seconds),
        ("DPS connects again", timers.client_timeout_seconds),
        ("lease expires, watched afresh", timers.lease_seconds),
        *_takeover(timers),
    )


def _reconnected(timers: Timers) -> tuple[Term, ...]:
    """What follows the database's coming back: the DPS finds it, and takes up its expired lease again."""
    return (
        ("DPS connects again", timers.client_timeout_seconds),
        ("lease expires, watched afresh", timers.lease_seconds),
        *_takeover(timers),
    )


def _database_lease(timers: Timers) -> tuple[Term, ...]:
    # Patroni (its documentation, ttl, loop_wait, retry_timeout): the key outlives its holder by ttl; who waits for it
    # looks every loop_wait, and may be in the middle of a call to the store.
    return (
        ("database lease expires, renewed just before", timers.database_lease_seconds),
        ("another member looks", timers.database_loop_wait_seconds),
        ("its call to the store ends", timers.database_retry_timeout_seconds),
    )


def _database_primary_lost(timers: Timers) -> _Outage:
    return (), (*_database_lease(timers), ("promotion", PROMOTION_SECONDS), *_reconnected(timers))


def _database_primary_fenced(timers: Timers) -> _Outage:
    fenced = (("proven dead, lock released", FENCING_SECONDS), ("store elects a leader", STORE_ELECTION_SECONDS))
    return (), (*fenced, ("promotion", PROMOTION_SECONDS), *_reconnected(timers))


def _database_standby_lost(timers: Timers) -> _Outage:
    return (), (*_database_lease(timers), *_reconnected(timers))


def _clients_moved(timers: Timers) -> tuple[Term, ...]:
    return (
        ("operator's delay", timers.operator_delay_seconds),
        ("procedure proves the other site", SITE_CHECK_SECONDS),
        ("global load balancer is switched", REROUTE_SECONDS),
    )


def _services_moved(timers: Timers) -> tuple[Term, ...]:
    return (
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("gateways find the primary database", timers.client_timeout_seconds),
        ("former holder is given to release", HANDOVER_SECONDS),
        *_takeover(timers),
    )


def _site_lost(timers: Timers) -> _Outage:
    clients = _clients_moved(timers)
    fenced = (
        ("store elects a leader", STORE_ELECTION_SECONDS),
        ("primary database proven dead, lock released", FENCING_SECONDS),
        ("promotion", PROMOTION_SECONDS),
    )
    return clients, (*clients, *fenced, *_services_moved(timers))


def _site_lost_automatic(timers: Timers) -> _Outage:
    # Whoever is cut off while it is being answered waits for his time-out; that is a term of every service.
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    clients = (("global load balancer's failed checks of the site", noticed),)
    # Clients and database are moved at the same time; the services need the database.
    _, services = _database_primary_fenced(timers)
    return clients, (*services, *clients)


def _site_isolated(timers: Timers) -> _Outage:
    # It runs, so nobody can prove it dead: its lease has to run out.
    clients = _clients_moved(timers)
    expired = (*_database_lease(timers), ("promotion", PROMOTION_SECONDS))
    return clients, (*clients, *expired, *_services_moved(timers))


def _site_failback(timers: Timers) -> _Outage:
    clients = _clients_moved(timers)
    return (), (*clients, ("database switchover", DATABASE_SWITCHOVER_SECONDS), *_services_moved(timers))


def _instance_moved(timers: Timers, *stopped: Term) -> _Outage:
    # Rising takes a server as many good checks as falling takes bad ones (haproxy.cfg.j2, global_haproxy.cfg.j2).
    rise = timers.check_fall * (timers.check_interval_seconds + timers.check_timeout_seconds)
    site_rise = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    moved = (
        ("operator's delay", timers.operator_delay_seconds),
        ("procedure proves the other instance", SITE_CHECK_SECONDS),
        *stopped,
        ("promotion", PROMOTION_SECONDS),
        ("gateways learn that they serve", timers.client_timeout_seconds),
        ("load balancers' checks of the gateways", rise),
        *_services_moved(timers),
        ("global load balancer's checks of the site", site_rise),
        ("global load balancer is switched", REROUTE_SECONDS),
    )
    # The clients move last: the other instance takes nothing before it has a primary.
    return moved, moved


def _production_lost(timers: Timers) -> _Outage:
    return _instance_moved(timers, ("former production is fenced", FENCING_SECONDS))


def _production_lost_interrupted(timers: Timers) -> _Outage:
    again = ("the procedure is begun again, 6 times", 6 * COMMAND_SECONDS)
    return _instance_moved(timers, ("former production is fenced", FENCING_SECONDS), again)


def _production_moved(timers: Timers) -> _Outage:
    return _instance_moved(timers, ("database stops, its standby has caught up", DATABASE_SWITCHOVER_SECONDS))


def _tolerated(_: Timers) -> _Outage:
    return (), ()


_OUTAGES: dict[str, Callable[[Timers], _Outage]] = {
    "gateway-crash": _gateway_lost,
    "gateway-hang": _gateway_lost,
    "dps-crash": _dps_lost,
    "dps-hang": _dps_lost,
    "dps-crash-manual": _dps_lost_manual,
    "load-balancer-crash": _load_balancer_lost,
    "database-crash": _database_lost,
    "dps-switchover": _dps_switchover,
    "dps-crash-under-failover": _dps_lost_twice,
    "site-loss": _site_lost,
    "site-loss-automatic": _site_lost_automatic,
    "site-isolation": _site_isolated,
    "wan-cut-one-way": _database_standby_lost,
    "wan-degraded": _tolerated,
    "database-primary-crash": _database_primary_lost,
    "database-primary-crash-fenced": _database_primary_fenced,
    "database-primary-hang": _database_primary_lost,
    "database-standby-hang": _database_standby_lost,
    "witness-loss": _tolerated,
    "witness-then-primary-loss": _database_primary_fenced,
    "glb-switchover": _tolerated,
    "site-failback": _site_failback,
    "production-loss": _production_lost,
    "production-isolation": _production_lost,
    "replication-stall": _production_lost,
    "wan-cut": _tolerated,
    "failover-interrupted": _production_lost_interrupted,
    "switchover": _production_moved,
    "failback": _production_moved,
    "ucmdb-loss": _tolerated,
    "test-failover": _tolerated,
}


def _users_moved_automatic(timers: Timers) -> _Outage:
    # Either twin collects, and processes: only users have to be led elsewhere.
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    return (), (("wide-area load balancer's failed checks of the site", noticed),)


def _users_moved(timers: Timers) -> _Outage:
    return (), (
        ("operator's delay", timers.operator_delay_seconds),
        ("procedure proves the other instance", SITE_CHECK_SECONDS),
        ("wide-area load balancer is switched", REROUTE_SECONDS),
    )


_TWIN_OUTAGES: dict[str, Callable[[Timers], _Outage]] = {
    "site-loss": _users_moved_automatic,
    "site-loss-manual": _users_moved,
    "wan-cut": _tolerated,
    "wan-cut-one-way": _tolerated,
    "event-storm": _tolerated,
    "owner-crash-before-forward": _tolerated,
    "owner-crash-after-forward": _tolerated,
    "service-manager-loss": _tolerated,
    "ucmdb-loss": _tolerated,
    "wide-area-lb-switchover": _tolerated,
    "local-lb-crash": _users_moved_automatic,
    "drift-blocks-failover": _tolerated,
}
SCENARIOS = tuple(_OUTAGES)
"""The scenarios of one instance and of two of which one stands by that have a prediction, as they are listed."""
TWIN_SCENARIOS = tuple(_TWIN_OUTAGES)
"""Those of twin instances."""
