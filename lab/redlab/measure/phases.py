"""The instants of a drill, and the phases of the recovery between them."""

from __future__ import annotations

from dataclasses import dataclass

PHASES = (
    ("detection", "detected_at"),
    ("decision", "decided_at"),
    ("fencing", "fenced_at"),
    ("promotion", "promoted_at"),
    ("rerouting", "rerouted_at"),
    ("first success", "first_success_at"),
)
"""Each phase, and the instant that ends it."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Named instants of a drill, seconds of CLOCK_MONOTONIC; None: not observed, or the scenario has no such step.

    load_started_at, load_ended_at: the load's first and last scheduled operation.
    fault_at: the fault took effect (proven), the origin of every recovery time.
    detected_at: somebody (load balancer, standby, operator) saw it.   decided_at: who takes over was settled.
    fenced_at: the old one can write no more.   promoted_at: the new one is active.
    rerouted_at: requests go to the new one.   first_success_at: the last service's recovery (fault_at + RTO).
    heal_at: healing began.   healed_at: proven undone.   redundancy_restored_at: every node is whole again.
    """

    fault_at: float
    first_success_at: float | None = None
    detected_at: float | None = None
    decided_at: float | None = None
    fenced_at: float | None = None
    promoted_at: float | None = None
    rerouted_at: float | None = None
    load_started_at: float | None = None
    load_ended_at: float | None = None
    heal_at: float | None = None
    healed_at: float | None = None
    redundancy_restored_at: float | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the recovery. `includes`: earlier phases whose end was not observed, contained in this one."""

    name: str
    seconds: float
    includes: tuple[str, ...] = ()


def phases_of(timeline: Timeline) -> tuple[Phase, ...]:
    """Cut the time from `fault_at` to `first_success_at` into phases that sum to it; empty if never recovered.

    An instant that was not observed merges its phase into the next. Observed instants come from polls of different
    nodes and may be out of order: each is moved to at least the one before it and at most `first_success_at`, so that
    no phase is negative and none reaches past the recovery.
    """
    end = timeline.first_success_at
    if end is None:
        return ()
    phases: list[Phase] = []
    merged: list[str] = []
    previous = timeline.fault_at
    for name, attribute in PHASES:
        instant: float | None = getattr(timeline, attribute)
        if instant is None:
            merged.append(name)
            continue
        instant = min(max(instant, previous), max(end, previous))
        phases.append(Phase(name, instant - previous, tuple(merged)))
        previous, merged = instant, []
    return tuple(phases)
