"""Bounds for the loss of one node, site or link, by the part that it plays.

If something takes over, the bound is that of the takeover, as in :mod:`redlab.predict.scenario`. Otherwise it is the
duration of the fault plus the time until the lost element works again; the latter depends on the kind of fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redlab.predict import derivations
from redlab.predict.fault_kinds import CRASH, HANG
from redlab.predict.part import Part
from redlab.predict.scenario import Prediction, derive
from redlab.predict.timers import HEAL_SECONDS, STORE_ELECTION_SECONDS, Timers

if TYPE_CHECKING:
    from collections.abc import Callable

    from redlab.predict.derivations import Outage, Term
    from redlab.predict.fault_kinds import FaultKind


def predict_part(
    scenario: str, part: Part, fault: FaultKind, timers: Timers, *, active_active: bool = False
) -> Prediction:
    """Derive the bounds of a fault that takes away the element with this part."""
    return derive(scenario, _outage(part, fault, timers, active_active=active_active), timers)


def _outage(part: Part, fault: FaultKind, timers: Timers, *, active_active: bool) -> Outage:
    if part is Part.ENTRANCE:
        return derivations.users_moved_automatic(timers) if active_active else _entrance_lost(timers)
    if part is Part.DATABASE_PRIMARY and fault is CRASH:
        return derivations.database_primary_fenced(timers)
    if part is Part.SITE and fault is HANG:
        return _site_hung(timers)
    if part in _TAKEN_OVER:
        return _TAKEN_OVER[part](timers)
    return _ALONE[part](timers, _back(fault, timers))


def _back(fault: FaultKind, timers: Timers) -> tuple[Term, ...]:
    """From the fault until the lost element runs again and is reachable."""
    return (("fault lasts", timers.fault_seconds), ("healing is begun", HEAL_SECONDS), *fault.back(timers))


def _entrance_lost(timers: Timers) -> Outage:
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    moved = (("global load balancer's failed checks of the site", noticed),)
    return moved, moved


def _site_hung(timers: Timers) -> Outage:
    # A paused site cannot be proven dead: its database lease has to expire.
    clients, _ = _entrance_lost(timers)
    _, services = derivations.database_primary_lost(timers)
    return clients, (*clients, *services)


def _holder_lost(timers: Timers) -> Outage:
    # The part implies a pair, whatever the number of load balancers in the lab.
    vrrp = (
        ("HAProxy's death noticed by its track script", timers.track_interval_seconds),
        *derivations.addresses_taken(timers),
        ("connection to the dead one given up", timers.connect_timeout_seconds),
    )
    return vrrp, vrrp


def _only_server(timers: Timers, back: tuple[Term, ...]) -> Outage:
    lease = ("lease expires, watched afresh", timers.lease_seconds)
    return (), (*back, lease, *derivations.takeover(timers))


def _only_database(timers: Timers, back: tuple[Term, ...]) -> Outage:
    recovers = ("database recovers", timers.database_recovery_seconds)
    return (), (*back, recovers, *derivations.reconnected(timers))


def _only_majority(timers: Timers, back: tuple[Term, ...]) -> Outage:
    elects = ("store elects a leader", STORE_ELECTION_SECONDS)
    _, standby = derivations.database_standby_lost(timers)
    return (), (*back, elects, *standby)


def _only_site(timers: Timers, back: tuple[Term, ...]) -> Outage:
    entered, _ = derivations.entrance_back(timers, back)
    _, database = _only_database(timers, entered)
    return entered, database


_TAKEN_OVER: dict[Part, Callable[[Timers], Outage]] = {
    Part.SPARE: derivations.tolerated,
    Part.GATEWAY: derivations.gateway_lost,
    Part.ACTIVE_SERVER: derivations.dps_lost,
    Part.LOAD_BALANCER: _holder_lost,
    Part.DATABASE_PRIMARY: derivations.database_primary_lost,
    Part.DATABASE_STANDBY: derivations.database_standby_lost,
    Part.STORE_LEADER: derivations.store_leader_lost,
    Part.SITE: derivations.site_lost_automatic,
    Part.PRODUCTION: derivations.production_lost,
}
_ALONE: dict[Part, Callable[[Timers, tuple[Term, ...]], Outage]] = {
    Part.ONLY_ENTRANCE: derivations.entrance_back,
    Part.ONLY_SERVER: _only_server,
    Part.ONLY_DATABASE: _only_database,
    Part.ONLY_MAJORITY: _only_majority,
    Part.ONLY_SITE: _only_site,
}
