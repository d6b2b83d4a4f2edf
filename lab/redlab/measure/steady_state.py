"""The steady state before the fault: a drill proves nothing if the system was unsteady or the load was not offered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redlab.measure.history import Operation

RATE_TOLERANCE = 0.05
"""Allowed deviation of the achieved rate from the requested one: an open-loop sender that lags measures itself."""
P99_LIMIT_SECONDS = 1.0
"""Latency above which the system is not steady: half of a client's time-out."""


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile. Raises ValueError when there are no values."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def p99_seconds(operations: Iterable[Operation]) -> float:
    """Return the 99th percentile of the operations' latency. Raises ValueError when there are none."""
    return percentile([op.latency_seconds for op in operations], 99)


def unsteady_reasons(
    service: str,
    operations: Sequence[Operation],
    *,
    fault_at: float,
    steady_seconds: float,
    rate_per_second: float,
    p99_limit_seconds: float = P99_LIMIT_SECONDS,
) -> tuple[str, ...]:
    """Return why the last `steady_seconds` before the fault were not steady; empty: steady, with the requested load.

    `rate_per_second`: the requested operations per second. Outcomes and latency are those of operations scheduled in
    the window and completed before the fault. The rate counts operations *sent* in the window, and so reveals a sender
    that lags.
    """
    since = fault_at - steady_seconds
    sent = [op for op in operations if since <= op.sent < fault_at]
    judged = [op for op in operations if op.scheduled >= since and op.completed <= fault_at]
    if not judged:
        return (f"{service}: no operation ended in the {steady_seconds:g} s before the fault",)
    reasons = []
    bad = sum(op.outcome != "ok" for op in judged)
    if bad:
        reasons.append(f"{service}: {bad} of {len(judged)} operations failed before the fault")
    p99 = p99_seconds(judged)
    if p99 > p99_limit_seconds:
        reasons.append(f"{service}: p99 {p99:.3f} s before the fault, limit {p99_limit_seconds:g} s")
    achieved = len(sent) / steady_seconds
    # A difference of one operation at the window's edges is no lag.
    if abs(achieved - rate_per_second) > max(RATE_TOLERANCE * rate_per_second, 1 / steady_seconds):
        reasons.append(
            f"{service}: {achieved:.1f} operations/s offered before the fault, {rate_per_second:g} requested"
        )
    return tuple(reasons)
