"""Stalls of the machine's disk during a drill: a stall looks like a slow failover, but is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redlab.measure.phases import Timeline

STALL_SECONDS = 0.5
"""The shortest sync that counts as a stall. A healthy disk syncs within some ms. The labs' shortest time-outs are 1 s
(etcd's election) and 1.5 s (a server's lease); to renew an election or a lease in time, a node has to sync first."""


@dataclass(frozen=True, slots=True)
class Stall:
    """One sync of a few bytes that took `seconds`, from `at` on (monotonic seconds)."""

    at: float
    seconds: float


def stall_warnings(stalls: Sequence[Stall], timeline: Timeline | None) -> list[str]:
    """Return a warning with the longest stall if the disk stalled before the last service recovered.

    Without a fault or a recovery, every stall of the drill counts.
    """
    recovered_at = timeline.first_success_at if timeline else None
    told = [stall for stall in stalls if recovered_at is None or stall.at < recovered_at]
    if not told:
        return []
    longest = max(told, key=lambda stall: stall.seconds)
    place = ""
    if timeline:
        after = longest.at - timeline.fault_at
        place = f", {abs(after):.1f} s {'after' if after >= 0 else 'before'} the fault"
    return [f"this machine's disk stalled {len(told)} time(s), the longest for {longest.seconds:.1f} s{place}"]
