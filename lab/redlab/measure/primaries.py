"""Dual primary: the time in which the writes of two data processing servers were accepted. It must be 0."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redlab.measure.stored_event import StoredEvent


@dataclass(frozen=True, slots=True)
class LeaseTerm:
    """One row of the table `lease_history`; monotonic seconds. `active_at` is None if it never became active."""

    epoch: int
    dps: str
    reason: str
    acquired_at: float
    active_at: float | None


@dataclass(frozen=True, slots=True)
class DualPrimary:
    """`seconds`: length of the union of all overlaps. `breaches`: one sentence for each violation."""

    seconds: float
    breaches: tuple[str, ...]


def measure_dual_primary(events: Iterable[StoredEvent], terms: Iterable[LeaseTerm] = ()) -> DualPrimary:
    """Find writes of a lower epoch after the first write of a higher one, and one epoch used by two nodes.

    Each overlap lasts from the first commit of the node that started later to the last commit of the other node. The
    lease history adds breaches without a duration: a commit in an unknown epoch, or in the epoch of another node.
    """
    commits: dict[tuple[int, str], list[float]] = defaultdict(list)
    for event in events:
        commits[event.epoch, event.dps].append(event.processed_at)
    writers = {writer: (min(times), max(times)) for writer, times in sorted(commits.items())}
    overlaps: list[tuple[float, float]] = []
    breaches: list[str] = []
    for (low, low_span), (high, high_span) in combinations(writers.items(), 2):
        same_epoch = low[0] == high[0]
        start = max(low_span[0], high_span[0]) if same_epoch else high_span[0]
        end = min(low_span[1], high_span[1]) if same_epoch else low_span[1]
        if end > start:
            overlaps.append((start, end))
            breaches.append(
                f"writes of {low[1]} (epoch {low[0]}) were accepted up to {end - start:.3f} s after the first write of "
                f"{high[1]} (epoch {high[0]})",
            )
        elif same_epoch:
            breaches.append(f"{low[1]} and {high[1]} both wrote in epoch {low[0]}")
    breaches.extend(_against_history(writers.keys(), terms))
    return DualPrimary(_union_seconds(overlaps), tuple(breaches))


def _against_history(writers: Iterable[tuple[int, str]], terms: Iterable[LeaseTerm]) -> list[str]:
    holders = {term.epoch: term.dps for term in terms}
    if not holders:
        return []
    return [
        f"{dps} wrote in epoch {epoch}, which "
        + (f"belonged to {holders[epoch]}" if epoch in holders else "is not in the lease history")
        for epoch, dps in writers
        if holders.get(epoch) != dps
    ]


def _union_seconds(intervals: list[tuple[float, float]]) -> float:
    total, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
