"""Simulating the downtime and data loss per year of a redundant system by the Monte Carlo method. Pure.

The model: every server and every data center fails and is repaired independently, with exponentially distributed times
(an alternating renewal process). A data center that is down takes its servers with it (common cause). A pool is dead
while all its servers are down, an instance while one of its pools is dead, a system of two instances while both are
dead. In addition, users wait for every switch: to another server of a pool with one active server, or to the other
instance. A switch takes a uniformly distributed time, in which people react and services start; the wait ends earlier
if the failed element is repaired first.

An operator switches to the other instance whenever the active one is dead, however short its repair will be. The model
omits failures during a switch, planned work, and failures of the switch itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redlab.advice.candidates import ZERO, Range

HOURS_PER_YEAR = 8766.0
BATCHES = 100
"""Independent parts of a simulation: their spread gives the confidence interval."""

NORMAL_95 = 1.96
"""Two-sided 95 % quantile of the normal distribution: with a hundred batches their mean is as good as normal."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """Mean time between failures and mean time to repair, both in hours."""

    mtbf_hours: float
    mttr_hours: float

    @property
    def unavailability(self) -> float:
        """The share of downtime: MTTR / (MTBF + MTTR), with MTBF read as mean time *to* failure."""
        return self.mttr_hours / (self.mtbf_hours + self.mttr_hours)


@dataclass(frozen=True)
class Pool:
    """Servers that replace each other: the site of each (an index), and the duration of a switch in hours.

    ``one_active``: only one server is active, and another one starts when it fails. Otherwise all are active, and each
    failure affects clients for the duration of a switch.
    """

    sites: tuple[int, ...]
    server: Reliability
    switch_hours: Range
    one_active: bool = True


@dataclass(frozen=True)
class System:
    """Sites, and one or two instances made of pools. ``failover_hours``: the duration of a switch between instances.

    ``lost_hours``: the latest data that is lost by a switch between instances; with one instance in several sites, by
    the loss of the active server's site.
    """

    sites: tuple[Reliability, ...]
    instances: tuple[tuple[Pool, ...], ...]
    failover_hours: Range = ZERO
    lost_hours: Range = ZERO


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Availability:
    """The result of the simulation, per year, over ``years`` simulated years."""

    years: float
    downtime_minutes: Estimate
    failovers: Estimate
    lost_data_minutes: Estimate

    @property
    def availability(self) -> float:
        """The share of time that users are served."""
        return 1 - self.downtime_minutes.mean / (HOURS_PER_YEAR * 60)


@dataclass(frozen=True)
class Spans:
    """Downtimes in hours: in order, without overlap or contact."""

    starts: Floats
    ends: Floats

    @property
    def hours(self) -> float:
        """The sum of their lengths."""
        return float(np.sum(self.ends - self.starts))


NEVER = Spans(np.empty(0), np.empty(0))


def simulate(system: System, years: float = 100_000, seed: int = 1) -> Availability:
    """Simulate ``years`` in :data:`BATCHES` independent parts; equal seeds give equal figures."""
    batches = np.random.SeedSequence(seed).spawn(BATCHES)
    horizon_hours = years * HOURS_PER_YEAR / BATCHES
    found = np.array([_batch(system, horizon_hours, np.random.default_rng(batch)) for batch in batches])
    per_year = found / (years / BATCHES)
    downtime, failovers, lost = (_estimate(per_year[:, column]) for column in range(3))
    return Availability(years, _scaled(downtime, 60), failovers, _scaled(lost, 60))


def union(*parts: Spans) -> Spans:
    """Return the times in which at least one part is down."""
    starts = np.concatenate([part.starts for part in parts])
    if not len(starts):
        return NEVER
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.concatenate([part.ends for part in parts])[order]
    reach = np.maximum.accumulate(ends)
    first = np.concatenate(([True], starts[1:] > reach[:-1]))
    last = np.concatenate((first[1:], [True]))
    return Spans(starts[first], reach[last])


def intersection(one: Spans, other: Spans) -> Spans:
    """Return the times in which both are down."""
    if not len(one.starts) or not len(other.starts):
        return NEVER
    times = np.concatenate((one.starts, other.starts, one.ends, other.ends))
    begun = len(one.starts) + len(other.starts)
    change = np.concatenate((np.ones(begun), -np.ones(begun)))
    # At the same instant, ends sort before starts: spans that only touch do not intersect.
    order = np.lexsort((change, times))
    times, down = times[order], np.cumsum(change[order])
    at = np.flatnonzero(down[:-1] == 2)
    return Spans(times[at], times[at + 1])


def _batch(system: System, horizon_hours: float, random: np.random.Generator) -> tuple[float, float, float]:
    """Return hours down, failovers and hours of data lost in one part of the simulation."""
    sites = [_failures(site, horizon_hours, random) for site in system.sites]
    dead, waits = [], []
    failovers, lost = 0, 0.0
    for pools in system.instances:
        own_dead, own_waits = [], []
        for pool in pools:
            pool_dead, switches, by_site = _pool(pool, sites, horizon_hours, random)
            own_dead.append(pool_dead)
            own_waits.append(switches)
            failovers += len(switches.starts)
            lost += float(np.sum(random.uniform(system.lost_hours.best, system.lost_hours.worst, by_site)))
        dead.append(union(*own_dead))
        waits.append(union(*own_waits))
    if len(dead) == 1:
        return union(dead[0], waits[0]).hours, failovers, lost
    serving = _serving(dead)
    switch = _waits(dead, serving, system.failover_hours, random)
    count = len(switch.starts)
    lost_by_failovers = float(np.sum(random.uniform(system.lost_hours.best, system.lost_hours.worst, count)))
    # A switch within an instance affects users only while that instance is active.
    own = _while_serving(waits, serving)
    return union(intersection(*dead), switch, own).hours, failovers + count, lost + lost_by_failovers


def _failures(what: Reliability, horizon_hours: float, random: np.random.Generator) -> Spans:
    """Draw the downtimes up to the horizon; the element is up at the beginning."""
    cycle = what.mtbf_hours + what.mttr_hours
    expected = horizon_hours / cycle
    starts, ends, now = [], [], 0.0
    while now < horizon_hours:
        count = int(expected + 4 * math.sqrt(expected)) + 8
        up, down = random.exponential(what.mtbf_hours, count), random.exponential(what.mttr_hours, count)
        end = now + np.cumsum(up + down)
        starts.append(end - down)
        ends.append(end)
        now = float(end[-1])
    start, end = np.concatenate(starts), np.concatenate(ends)
    within = start < horizon_hours
    return Spans(start[within], np.minimum(end[within], horizon_hours))


def _pool(
    pool: Pool, sites: Sequence[Spans], horizon_hours: float, random: np.random.Generator
) -> tuple[Spans, Spans, int]:
    """Return when a pool is dead, the waits for its switches, and the number of switches that a site loss caused."""
    members = [union(_failures(pool.server, horizon_hours, random), sites[site]) for site in pool.sites]
    dead = members[0]
    for member in members[1:]:
        dead = intersection(dead, member)
    if len(members) == 1:
        return dead, NEVER, 0
    if pool.one_active and len(members) == 2:
        onsets = _serving(members)
        waits = _waits(members, onsets, pool.switch_hours, random)
        spread = len(set(pool.sites)) > 1
        by_site = sum(int(np.sum(np.isin(onsets[index], sites[pool.sites[index]].starts))) for index in (0, 1))
        return dead, waits, by_site if spread else 0
    every = [_waits([member, NEVER], [member.starts, NEVER.starts], pool.switch_hours, random) for member in members]
    return dead, union(*every), 0


def _serving(pair: Sequence[Spans]) -> list[Floats]:
    """Return, for each member of a pair, its failures while it was active.

    The first member is active at the beginning. Each failure of the active member makes the other one active, so of
    consecutive failures of one member only the first is returned.
    """
    times = np.concatenate((pair[0].starts, pair[1].starts))
    which = np.concatenate((np.zeros(len(pair[0].starts), dtype=int), np.ones(len(pair[1].starts), dtype=int)))
    order = np.argsort(times, kind="stable")
    times, which = times[order], which[order]
    before = np.concatenate(([1], which[:-1])) if len(which) else which
    strikes = which != before
    return [times[strikes & (which == index)] for index in (0, 1)]


def _waits(pair: Sequence[Spans], struck: Sequence[Floats], switch_hours: Range, random: np.random.Generator) -> Spans:
    """Return the waits for each switch: its duration, at most until the failed member is repaired."""
    waits = []
    for down, starts in zip(pair, struck, strict=True):
        back = down.ends[np.searchsorted(down.starts, starts)] if len(starts) else starts
        switched = starts + random.uniform(switch_hours.best, switch_hours.worst, len(starts))
        waits.append(Spans(starts, np.minimum(switched, back)))
    return union(*waits)


def _while_serving(waits: Sequence[Spans], struck: Sequence[Floats]) -> Spans:
    """Return the waits of two instances that begin while their instance is active."""
    switches = np.sort(np.concatenate(struck))
    kept = []
    for index, own in enumerate(waits):
        # The first instance is active before the first switch, the second instance after it, and so on.
        serves = np.searchsorted(switches, own.starts, side="right") % 2 == index
        kept.append(Spans(own.starts[serves], own.ends[serves]))
    return union(*kept)


def _estimate(values: Floats) -> Estimate:
    mean = float(np.mean(values))
    half = NORMAL_95 * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return Estimate(mean, max(0.0, mean - half), mean + half)


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(estimate.mean * factor, estimate.low * factor, estimate.high * factor)
