"""Planned work before its switchover: users must not notice it. Every failure in that time is a breach."""

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
    """Return a sentence for each service that failed between the begin of the work and of its switchover.

    `began_at`, `ended_at`: monotonic seconds. An operation in flight at `ended_at` belongs to the switchover.
    """
    found = []
    for service, operations in (("collection", collects), ("user", users)):
        during = [op for op in operations if op.scheduled >= began_at and op.completed <= ended_at]
        if bad := sum(op.outcome != "ok" for op in during):
            found.append(f"{service}: {bad} of {len(during)} operations failed while nodes were replaced")
    committed = [event for event in events if event.processed_at <= ended_at]
    processing = measure_processing_recovery(committed, fault_at=began_at, load_ended_at=ended_at)
    found += [
        f"processing: no commit for {outage.seconds:.3f} s while nodes were replaced"
        for outage in processing.outages
        if outage.seconds is not None
    ]
    return found
