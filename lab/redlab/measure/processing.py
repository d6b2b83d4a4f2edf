"""Recovery time of processing, from the commits in the event database.

Only events accepted at or after the fault's effect t0 count. The service is *stalled* between two commits (or from t0
to the first commit, or from the last commit to the end of the load) if an event waits longer than `gap_seconds` in that
interval; without waiting events, missing commits are no outage. The recovery is the first commit after the last stall
that began before the heal, if commits then continue for `sustained_seconds` or to the end of the load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redlab.measure.outage import SUSTAINED_SECONDS, Outage, Recovery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redlab.measure.stored_event import StoredEvent

GAP_SECONDS = 1.0
"""Longest normal wait for a commit: well above the pull interval of a DPS, below a lease."""


def measure_processing_recovery(
    events: Iterable[StoredEvent],
    *,
    fault_at: float,
    load_ended_at: float,
    heal_at: float | None = None,
    gap_seconds: float = GAP_SECONDS,
    sustained_seconds: float = SUSTAINED_SECONDS,
) -> Recovery:
    """Measure when events accepted after `fault_at` were committed steadily again.

    `load_ended_at` is the monotonic time of the last acknowledgement: commits must reach it (less `gap_seconds`).
    """
    counted = sorted(
        (event for event in events if event.accepted_at >= fault_at), key=lambda e: (e.processed_at, e.accepted_at)
    )
    stalls = _stalls(counted, fault_at, load_ended_at, gap_seconds)
    stalls = _merge(stalls, sustained_seconds)
    outages = [stall for stall in stalls if heal_at is None or stall.started_at < heal_at]
    disturbances = [stall for stall in stalls if heal_at is not None and stall.started_at >= heal_at]
    recovered_at = _recovered_at(counted, outages)
    slowest = max((event.lag_seconds for event in counted), default=0.0)
    return Recovery("processing", fault_at, recovered_at, tuple(outages), tuple(disturbances), slowest)


def _stalls(counted: list[StoredEvent], fault_at: float, load_ended_at: float, gap_seconds: float) -> list[Outage]:
    """Return the intervals between commits in which the oldest waiting event waited longer than `gap_seconds`."""
    oldest_to_come: list[float] = []  # oldest_to_come[i]: earliest acceptance among commits i, i+1, …
    oldest = float("inf")
    for event in reversed(counted):
        oldest = min(oldest, event.accepted_at)
        oldest_to_come.append(oldest)
    oldest_to_come.reverse()
    stalls: list[Outage] = []
    previous = fault_at
    for event, oldest in zip(counted, oldest_to_come, strict=True):
        waiting_since = max(previous, oldest)
        if event.processed_at - waiting_since > gap_seconds:
            stalls.append(Outage(waiting_since, event.processed_at, 0))
        previous = max(previous, event.processed_at)
    if load_ended_at - previous > gap_seconds:
        stalls.append(Outage(previous, None, 0))
    return stalls


def _merge(stalls: list[Outage], sustained_seconds: float) -> list[Outage]:
    """Join stalls with less than `sustained_seconds` of commits between them: such a run is not a recovery."""
    merged: list[Outage] = []
    for stall in stalls:
        last = merged[-1] if merged else None
        if last is not None and last.ended_at is not None and stall.started_at - last.ended_at < sustained_seconds:
            merged[-1] = Outage(last.started_at, stall.ended_at, 0)
        else:
            merged.append(stall)
    return merged


def _recovered_at(counted: list[StoredEvent], outages: list[Outage]) -> float | None:
    if outages:
        return outages[-1].ended_at
    return counted[0].processed_at if counted else None
