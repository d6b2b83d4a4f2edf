"""The recovery time that the loss of one node, site or link may take at most, by the part it plays.

Where something takes over, the bound is that of the takeover, as in :mod:`redlab.predict.scenario`. Where nothing does,
the fault's own time comes first, then the way back of what was lost, which depends on what the fault has done to it.
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
    """Derive the bounds of a fault of what plays a part; ``active_active``: of two instances that both serve."""
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
    """From the fault to the moment at which what was lost runs again and is reachable."""
    return (("fault lasts", timers.fault_seconds), ("healing is begun", HEAL_SECONDS), *fault.back(timers))


def _entrance_lost(timers: Timers) -> Outage:
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    moved = (("global load balancer's failed checks of the site", noticed),)
    return moved, moved


def _site_hung(timers: Timers) -> Outage:
    # Nobody can prove it dead, so its database's lease has to run out.
    clients, _ = _entrance_lost(timers)
    _, services = derivations.database_primary_lost(timers)
    return clients, (*clients, *services)


def _holder_lost(timers: Timers) -> Outage:
    # Of a pair, whatever the number of load balancers in the lab.
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
