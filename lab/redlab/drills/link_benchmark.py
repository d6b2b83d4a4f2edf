"""The traffic of each link by flow, in normal operation and during a failover: the basis for sizing the links."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from redlab.control import router
from redlab.control.lab import Laboratory
from redlab.drills.discoveries import Discoveries
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.drills.targets import joining_link, other_site
from redlab.drills.twin_load import TwinLoad
from redlab.errors import RedlabError
from redlab.measure.round_trips import LinkVerdict, Probe, RoundTrips, judge, summed
from redlab.model.inventory import Inventory
from redlab.predict.parts import home_of
from redlab.probes import replication
from redlab.probes.round_trip import round_trips
from redlab.recovery import procedure, two_instances
from redlab.waiting import until
from redundancy.roles import Role
from redundancy.rules.links import MAXIMUM_ROUND_TRIP_MILLISECONDS
from redundancy.traits import PatternName

SAMPLE_SECONDS = 0.5
PROBES, PROBE_PAUSE_SECONDS = 20, 0.1
"""Probes go on all the time, so many in a row. Their own traffic, about 0.03 Mbit/s, is among what is measured."""
FOLLOWS_SECONDS = 120
"""For a former production to follow again, with a copy of everything where the databases are copied one by one."""
HEADROOM = 2.0
"""The recommended link carries twice the peak: a rule of thumb for queues that stay short."""
LINK_SIZES_MEGABITS_PER_SECOND = (2, 10, 34, 100, 155, 622, 1000, 2500, 10000, 40000, 100000)
"""The usual speeds of links on the market (PDH, SDH, Ethernet)."""

Key = tuple[str, str, str, str]
"""A flow: its link, its source, its destination, and the router's name of it."""
Samples = Sequence[tuple[float, Mapping[Key, int]]]
"""Monotonic seconds, and bytes by flow."""


@dataclass(frozen=True)
class Flow:
    """One flow in one direction of a link during a phase: mean, and the busiest half second."""

    phase: str
    link: str
    from_site: str
    to_site: str
    flow: str
    carries: str
    mean_megabits_per_second: float
    peak_megabits_per_second: float
    megabytes: float


@dataclass(frozen=True)
class LinkSize:
    """The peak of a link's busier direction, and the size that is recommended for it."""

    link: str
    peak_megabits_per_second: float
    recommended_megabits_per_second: float


@dataclass(frozen=True)
class Benchmark:
    """Flows and sizes of all links; and the round trips of that between the data centers, by phase, with a verdict."""

    pattern: str
    link: str
    flows: tuple[Flow, ...]
    sizes: tuple[LinkSize, ...]
    round_trips: Mapping[str, RoundTrips]
    latency: LinkVerdict


def run(lab: Laboratory, load: LoadSettings, seconds: float, say: Callable[[str], None]) -> Benchmark:
    """Measure under load: for ``seconds`` as it is, then while everything moves to the other site, and go back.

    The move is a planned one: nothing is given up. Raises RedlabError when the lab has one site, or cannot move.
    """
    inventory = lab.inventory
    balancer = inventory.global_load_balancer
    if balancer is None:
        raise RedlabError(f"lab {inventory.lab} has one site: there is no link to benchmark")
    home = home_of(inventory)
    other = other_site(inventory, home)
    link, limit = joining_link(inventory, home, other), limit_milliseconds(inventory.pattern)
    identity = f"benchmark-{int(time.time())}"
    _go(lab, home)
    say(f"normal operation in {home}, {seconds:g} s")
    with _load(inventory, identity, load):

        def as_it_is() -> None:
            _discover(inventory, home, f"{identity}-normal")
            time.sleep(seconds)

        def fail_over() -> None:
            _go(lab, other)
            _discover(inventory, other, f"{identity}-failover")
            time.sleep(seconds)

        normal, normal_trips = _phase(inventory, link, as_it_is)
        say(f"failover to {other}, then {seconds:g} s")
        try:
            failover, failover_trips = _phase(inventory, link, fail_over)
        finally:
            _go(lab, home)
    if home != balancer.active_site:  # users of active-active instances may be spread over both
        _go(lab, balancer.active_site)
    flows = [*flows_of(inventory, "normal", normal), *flows_of(inventory, "failover", failover)]
    trips = {"normal": summed(normal_trips, limit), "failover": summed(failover_trips, limit)}
    sizes = tuple(size_of(each.name, flows) for each in inventory.links)
    return Benchmark(inventory.pattern, link, tuple(flows), sizes, trips, judge(trips, limit))


def limit_milliseconds(pattern: str) -> float | None:
    """Return what the round trip between the data centers of a pattern must be below, at all times; None: no matter."""
    return MAXIMUM_ROUND_TRIP_MILLISECONDS if PatternName(pattern).traits.spans_sites else None


def recommended(peak_megabits_per_second: float) -> float:
    """Return the smallest usual link that carries the peak with HEADROOM; the greatest one if none does."""
    wanted = HEADROOM * peak_megabits_per_second
    sizes = LINK_SIZES_MEGABITS_PER_SECOND
    return next((size for size in sizes if size >= wanted), sizes[-1])


def size_of(link: str, flows: Sequence[Flow]) -> LinkSize:
    """Return the size of a link. Pure.

    The flows' peaks of a phase and a direction are added: what would be needed if they fell on one moment.
    """
    ways = {(flow.phase, flow.from_site) for flow in flows if flow.link == link}
    peaks = (
        sum(f.peak_megabits_per_second for f in flows if (f.link, f.phase, f.from_site) == (link, *way)) for way in ways
    )
    peak = max(peaks, default=0.0)
    return LinkSize(link, round(peak, 3), recommended(peak))


def flows_of(inventory: Inventory, phase: str, samples: Samples) -> list[Flow]:
    """Return the flows between the first and the last of the samples. Pure."""
    (began, first), (ended, last) = samples[0], samples[-1]
    flows = []
    for key in sorted(first):
        rates = [
            8e-6 * (after[key] - before[key]) / (at - since)
            for (since, before), (at, after) in pairwise(samples)
            if at > since
        ]
        moved = last[key] - first[key]
        mean = round(8e-6 * moved / (ended - began), 3)
        carries = carried(inventory, key)
        flows.append(Flow(phase, *key, carries, mean, round(max(rates), 3), round(moved / 1e6, 3)))
    return flows


def carried(inventory: Inventory, key: Key) -> str:
    """Say what a flow of the router's carries in a lab, as its pattern has it. Pure."""
    _, one, other, flow = key
    between = {one, other} <= set(inventory.data_centers)
    if not between:
        place = next(site for site in (one, other) if site not in inventory.data_centers)
        if not inventory.of_site(place, Role.UCMDB):
            return {"store": "the cluster's agreement"}.get(flow, "")
        return {"database": "topology, UCMDB and RTSM", "other": "service desk, global ids"}.get(flow, "")
    if inventory.two_instances:
        return {
            "database": "" if inventory.active_active else "replication",
            "dps": "events exchanged" if inventory.active_active else "",
        }.get(flow, "")
    return {
        "database": "statements, and the standby's copy",
        "store": "the cluster's agreement",
        "dps": "events taken out of gateways",
    }.get(flow, "")


def _load(inventory: Inventory, identity: str, load: LoadSettings) -> Load:
    if inventory.active_active:
        return TwinLoad(inventory, identity, load)
    return Load(inventory.of_role(Role.COLLECTOR)[0], identity, load)


def _discover(inventory: Inventory, site: str, identity: str) -> None:
    """Give the integrations, if the lab has any, data to carry."""
    if inventory.of_role(Role.UCMDB):
        Discoveries(inventory, site, identity).make()


def _go(lab: Laboratory, site: str) -> None:
    """Bring everything to a site, as planned, and wait until the other one could take over again."""
    procedure.perform(two_instances.steps(lab, site, planned=True))
    if lab.inventory.replicated and not until(lambda: _followed(lab.inventory), FOLLOWS_SECONDS, 0.5):
        raise RedlabError(f"the other database does not follow that of {site} after {FOLLOWS_SECONDS} s: see its log")


def _followed(inventory: Inventory) -> bool:
    standby = replication.streaming_standby(inventory)
    said = standby and replication.role(standby)
    return bool(said and said.complete)


def _phase(inventory: Inventory, link: str, act: Callable[[], None]) -> tuple[Samples, list[Probe]]:
    samples, trips = [_sample(inventory)], list[Probe]()
    with ThreadPoolExecutor(max_workers=2) as pool:
        acting = pool.submit(act)

        def probe() -> None:
            while not trips or not acting.done():
                trips.extend(round_trips(inventory, link, PROBES, PROBE_PAUSE_SECONDS))

        probing = pool.submit(probe)
        while not until(acting.done, SAMPLE_SECONDS, SAMPLE_SECONDS):
            samples.append(_sample(inventory))
        acting.result()
        probing.result()
    samples.append(_sample(inventory))
    return samples, trips


def _sample(inventory: Inventory) -> tuple[float, dict[Key, int]]:
    links = router.document(inventory)["links"]
    flows = {
        (link["name"], flow["from"], flow["to"], flow["flow"]): int(flow["bytes"])
        for link in links
        for flow in link["flows"]
    }
    return time.monotonic(), flows
