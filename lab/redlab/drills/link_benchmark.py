"""The traffic between the sites, by flow, in normal operation and during a failover: what sizes a link."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from redlab import procedure, wan
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.drills.target import joining_link, other_site
from redlab.errors import RedlabError
from redlab.inventory import Inventory
from redlab.laboratory import Laboratory
from redlab.probes.round_trip import round_trip_milliseconds
from redlab.waiting import until

SAMPLE_SECONDS = 0.5
HEADROOM = 2.0
"""The recommended link carries twice the peak: a rule of thumb for queues that stay short."""
LINK_SIZES_MEGABITS_PER_SECOND = (2, 10, 34, 100, 155, 622, 1000, 2500, 10000, 40000, 100000)
"""What links are sold in (PDH, SDH, Ethernet)."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Flow:
    """One flow in one direction of the link during a phase: mean, and the busiest half second."""

    phase: str
    from_site: str
    to_site: str
    flow: str
    mean_megabits_per_second: float
    peak_megabits_per_second: float
    megabytes: float


@dataclass(frozen=True)
class Benchmark:
    """Flows by phase, the round trip measured in each (milliseconds, fastest of some), the recommended link size."""

    link: str
    flows: tuple[Flow, ...]
    round_trip_milliseconds: dict[str, float]
    peak_megabits_per_second: float
    recommended_megabits_per_second: float


def run(lab: Laboratory, load: LoadSettings, seconds: float, say: Callable[[str], None]) -> Benchmark:
    """Measure under load: for ``seconds`` as it is, then while everything fails over to the other site, and go back."""
    balancer = lab.inventory.global_load_balancer
    if balancer is None:
        raise RedlabError(f"lab {lab.inventory.lab} has one site: there is no link to benchmark")
    home, other = balancer.active_site, other_site(lab.inventory, balancer.active_site)
    link = joining_link(lab.inventory, home, other)
    procedure.perform(procedure.steps(lab, home))
    say(f"normal operation in {home}, {seconds:g} s")
    with Load(lab.inventory.of_role("collector")[0], f"benchmark-{int(time.time())}", load):
        normal, normal_trip = _phase(lab.inventory, link, "normal", lambda: time.sleep(seconds))
        say(f"failover to {other}, then {seconds:g} s")

        def fail_over() -> None:
            procedure.perform(procedure.steps(lab, other))
            time.sleep(seconds)

        try:
            during, during_trip = _phase(lab.inventory, link, "failover", fail_over)
        finally:
            procedure.perform(procedure.steps(lab, home))
    flows = (*normal, *during)
    peak = max(_peaks(flows), default=0.0)
    return Benchmark(link, flows, {"normal": normal_trip, "failover": during_trip}, round(peak, 3), recommended(peak))


def recommended(peak_megabits_per_second: float) -> float:
    """Return the smallest usual link that carries the peak with HEADROOM; the greatest one if none does."""
    wanted = HEADROOM * peak_megabits_per_second
    sizes = LINK_SIZES_MEGABITS_PER_SECOND
    return next((size for size in sizes if size >= wanted), sizes[-1])


def _peaks(flows: Sequence[Flow]) -> list[float]:
    """The sum of the flows' peaks for each phase and direction: what would be needed if they fell on one moment."""
    ways = {(flow.phase, flow.from_site) for flow in flows}
    return [sum(f.peak_megabits_per_second for f in flows if (f.phase, f.from_site) == way) for way in ways]


def _phase(inventory: Inventory, link: str, phase: str, act: Callable[[], None]) -> tuple[list[Flow], float]:
    samples = [_sample(inventory, link)]
    with ThreadPoolExecutor(max_workers=1) as pool:
        acting = pool.submit(act)
        while not until(acting.done, SAMPLE_SECONDS, SAMPLE_SECONDS):
            samples.append(_sample(inventory, link))
        acting.result()
    samples.append(_sample(inventory, link))
    return flows_of(phase, samples), round_trip_milliseconds(inventory, link)


def flows_of(phase: str, samples: Sequence[tuple[float, dict[Key, int]]]) -> list[Flow]:
    """Return the flows between the first and the last of the samples (monotonic seconds, bytes by flow). Pure."""
    (began, first), (ended, last) = samples[0], samples[-1]
    flows = []
    for key in sorted(first):
        rates = [
            8e-6 * (after[key] - before[key]) / (at - since)
            for (since, before), (at, after) in pairwise(samples)
            if at > since
        ]
        moved = last[key] - first[key]
        flows.append(
            Flow(phase, *key, round(8e-6 * moved / (ended - began), 3), round(max(rates), 3), round(moved / 1e6, 3))
        )
    return flows


def _sample(inventory: Inventory, link: str) -> tuple[float, dict[Key, int]]:
    found: dict[str, Any] = next(each for each in wan.document(inventory)["links"] if each["name"] == link)
    flows = {(flow["from"], flow["to"], flow["flow"]): int(flow["bytes"]) for flow in found["flows"]}
    return time.monotonic(), flows
