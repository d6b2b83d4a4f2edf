"""Throughput and latency of a service in an interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redlab.measure.result import Window
from redlab.measure.steady_state import percentile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redlab.measure.history import Operation


def window_of(operations: Iterable[Operation], start: float, end: float) -> Window:
    """Return the statistics of the operations *scheduled* in [start, end) (monotonic seconds)."""
    inside = [op for op in operations if start <= op.scheduled < end]
    latencies = [op.latency_seconds for op in inside if op.outcome == "ok"]
    seconds = max(0.0, end - start)
    return Window(
        seconds=seconds,
        ok=len(latencies),
        fail=sum(op.outcome == "fail" for op in inside),
        unknown=sum(op.outcome == "unknown" for op in inside),
        ok_per_second=len(latencies) / seconds if seconds else 0.0,
        latency_p50_seconds=percentile(latencies, 50) if latencies else None,
        latency_p99_seconds=percentile(latencies, 99) if latencies else None,
    )
