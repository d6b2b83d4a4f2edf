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
    """Named instants of a drill, in seconds of CLOCK_MONOTONIC. None: not observed, or not part of the scenario."""

    fault_at: float = field(
        metadata=said("The proven effect of the fault: the origin of every recovery time.", label="fault took effect")
    )
    first_success_at: float | None = field(
        default=None,
        metadata=said("Recovery of the last service: fault_at plus the RTO.", label="last service recovered"),
    )
    detected_at: float | None = field(
        default=None,
        metadata=said("The load balancer, the standby or the operator detected the fault.", label="detected"),
    )
    decided_at: float | None = field(
        default=None, metadata=said("The node, site or instance that takes over was chosen.", label="takeover decided")
    )
    fenced_at: float | None = field(
        default=None, metadata=said("The former primary can no longer write.", label="former primary fenced")
    )
    promoted_at: float | None = field(
        default=None, metadata=said("The new primary is active.", label="new primary active")
    )
    rerouted_at: float | None = field(default=None, metadata=said("Requests go to the new primary.", label="rerouted"))
    load_started_at: float | None = field(
        default=None, metadata=said("First scheduled operation of the load.", label="load started")
    )
    load_ended_at: float | None = field(
        default=None, metadata=said("Last scheduled operation of the load.", label="load ended")
    )
    heal_at: float | None = field(default=None, metadata=said("Healing began.", label="healing began"))
    healed_at: float | None = field(default=None, metadata=said("The fault was proven to be reverted.", label="healed"))
    redundancy_restored_at: float | None = field(
        default=None, metadata=said("Every node is ready again.", label="redundancy restored")
    )


@dataclass(frozen=True, slots=True)
class Phase:
    """An interval of the recovery. `includes`: earlier phases that it contains because their end was not observed."""

    name: str = field(metadata=said("detection, decision, fencing, promotion, rerouting or first success."))
    seconds: float = field(metadata=said("The phase's length.", least=0))
    includes: tuple[str, ...] = field(
        default=(), metadata=said("Earlier phases that it contains because their end was not observed.")
    )


def phases_of(timeline: Timeline) -> tuple[Phase, ...]:
    """Divide the time from `fault_at` to `first_success_at` into phases; empty if a service never recovered.

    A phase whose end was not observed is merged into the next one. Observed instants come from polls of different nodes
    and may be out of order. Each is moved to at least the previous one and at most `first_success_at`: no phase is then
    negative, and the phases sum to the recovery time.
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
