"""The instants of a drill, and the phases of the recovery between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from redlab.measure.said import said

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
    """Named instants of a drill, seconds of CLOCK_MONOTONIC; None: not observed, or the scenario has no such step."""

    fault_at: float = field(
        metadata=said("The fault took effect, proven: the origin of every recovery time.", label="fault took effect")
    )
    first_success_at: float | None = field(
        default=None,
        metadata=said("The last service's recovery: fault_at and the RTO.", label="last service recovered"),
    )
    detected_at: float | None = field(
        default=None, metadata=said("Somebody (load balancer, standby, operator) saw it.", label="detected")
    )
    decided_at: float | None = field(
        default=None, metadata=said("Who takes over was settled.", label="takeover decided")
    )
    fenced_at: float | None = field(
        default=None, metadata=said("The old one can write no more.", label="old one fenced")
    )
    promoted_at: float | None = field(default=None, metadata=said("The new one is active.", label="new one active"))
    rerouted_at: float | None = field(default=None, metadata=said("Requests go to the new one.", label="rerouted"))
    load_started_at: float | None = field(
        default=None, metadata=said("First scheduled operation.", label="load started")
    )
    load_ended_at: float | None = field(default=None, metadata=said("Last scheduled operation.", label="load ended"))
    heal_at: float | None = field(default=None, metadata=said("Healing began.", label="healing began"))
    healed_at: float | None = field(default=None, metadata=said("Proven undone.", label="healed"))
    redundancy_restored_at: float | None = field(
        default=None, metadata=said("Every node is whole again.", label="redundancy restored")
    )


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the recovery. `includes`: earlier phases whose end was not observed, contained in this one."""

    name: str = field(metadata=said("detection, decision, fencing, promotion, rerouting or first success."))
    seconds: float = field(metadata=said("Its length.", least=0))
    includes: tuple[str, ...] = field(
        default=(), metadata=said("Earlier phases whose end was not observed, contained in this one.")
    )


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
