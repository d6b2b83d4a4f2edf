"""Planned work before its switchover: nobody may notice it. What failed then is a breach, whatever followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redlab.measure.processing import measure_processing_recovery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redlab.measure.history import Operation
    from redlab.measure.stored_event import StoredEvent


def disturbances(
    collects: Sequence[Operation],
    users: Sequence[Operation],
    events: Sequence[StoredEvent],
    *,
    began_at: float,
    ended_at: float,
) -> list[str]:
    """Say which services failed from when the work began until its switchover began (monotonic seconds); [] for none.

    An operation that was under way at the end counts as the switchover's.
    """
    found = []
    for service, operations in (("collection", collects), ("user", users)):
        during = [op for op in operations if op.scheduled >= began_at and op.completed <= ended_at]
        if bad := sum(op.outcome != "ok" for op in during):
            found.append(f"{service}: {bad} of {len(during)} operations failed while nodes were made anew")
    committed = [event for event in events if event.processed_at <= ended_at]
    processing = measure_processing_recovery(committed, fault_at=began_at, load_ended_at=ended_at)
    found += [
        f"processing: no commit for {outage.seconds:.3f} s while nodes were made anew"
        for outage in processing.outages
        if outage.seconds is not None
    ]
    return found
