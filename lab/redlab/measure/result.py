"""The result of a drill, which `--format json` prints (schemas/drill-result.schema.json)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from redlab.measure.said import said
from redlab.predict.fault_kinds import KINDS

if TYPE_CHECKING:
    from redlab.measure.exchange import Exchange
    from redlab.measure.measured import Measured, Objectives
    from redlab.measure.others import OtherData
    from redlab.measure.phases import Phase, Timeline
    from redlab.measure.replication import ReplicationLoss
    from redlab.measure.single_point import SinglePoint
    from redlab.measure.verdict import Verdict

SCHEMA_VERSION: Final = 1
"""Incremented when a field changes its meaning or is removed; not when one is added."""

PAGE_CACHE = (
    "A node that is killed or paused leaves the page cache of its machine intact. This drill does not prove that "
    "acknowledged data survives a power failure of the machine (docs/contract/index.md, durability)."
)


@dataclass(frozen=True, slots=True)
class NamedSeconds:
    """One term of a derivation."""

    name: str = field(metadata=said("The step that takes the time."))
    seconds: float = field(metadata=said("Its longest duration.", least=0))


@dataclass(frozen=True, slots=True)
class ServiceBound:
    """One service's predicted bound, and the terms that sum to it."""

    service: str = field(metadata=said("collection, user or processing."))
    rto_seconds: float = field(metadata=said("The bound.", least=0))
    terms: tuple[NamedSeconds, ...] = field(metadata=said("Terms that sum to the bound."))


@dataclass(frozen=True, slots=True)
class Predicted:
    """The predicted bound of the pattern's RTO: the longest of its services' bounds."""

    rto_seconds: float = field(metadata=said("The longest of the services' bounds.", least=0))
    services: tuple[ServiceBound, ...] = field(metadata=said("Each service's derivation."))


@dataclass(frozen=True, slots=True)
class Fault:
    """The injected fault. `evidence`: the proof that it landed.   `injected_at`: begin of the injection."""

    kind: str = field(metadata=said(f"The kind of fault: {', '.join(KINDS)}."))
    target: str = field(metadata=said("The element that the fault hit; empty when no fault was injected."))
    landed: bool = field(metadata=said("Whether the effect was proven."))
    evidence: str = field(metadata=said("The proof of the effect."))
    injected_at: float | None = field(metadata=said("When the drill began to inject it, CLOCK_MONOTONIC seconds."))


@dataclass(frozen=True, slots=True)
class ServiceOutage:
    """One outage of a service, in monotonic seconds. `cause`: `fault`, or `heal` if healing disturbed the service."""

    service: str = field(metadata=said("collection, user or processing."))
    cause: Literal["fault", "heal"] = field(metadata=said("heal: healing disturbed the service."))
    started_at: float = field(metadata=said("CLOCK_MONOTONIC seconds."))
    ended_at: float | None = field(metadata=said("null: it lasted to the end of the drill."))
    bad_operations: int = field(metadata=said("Operations that failed during the outage.", least=0))


@dataclass(frozen=True, slots=True)
class Window:
    """Operations of a service in an interval of the drill. Latency: of successes, from their scheduled time."""

    seconds: float = field(metadata=said("Length of the interval.", least=0))
    ok: int = field(metadata=said("Operations that succeeded.", least=0))
    fail: int = field(metadata=said("Operations certainly not accepted.", least=0))
    unknown: int = field(metadata=said("Operations without an answer.", least=0))
    ok_per_second: float = field(metadata=said("Successes per second.", least=0))
    latency_p50_seconds: float | None = field(metadata=said("Median latency; null without a success."))
    latency_p99_seconds: float | None = field(metadata=said("99th percentile of the latency; null without a success."))


@dataclass(frozen=True, slots=True)
class ServiceLoad:
    """Operations of a service before the fault, and from the fault to its recovery (without one: to the load's end)."""

    service: str = field(metadata=said("collection or user."))
    before: Window = field(
        metadata=said("Operations in the steady state; latency: of successes, from their scheduled time.")
    )
    during: Window = field(
        metadata=said("Operations from the fault to the recovery; latency: of successes, from their scheduled time.")
    )


@dataclass(frozen=True, slots=True)
class Load:
    """The settings of the load. Rates are per second."""

    events_per_second: float = field(metadata=said("Events per second."))
    users_per_second: float = field(metadata=said("Users' requests per second."))
    batch_events: int = field(metadata=said("Events in one request.", least=0))
    seconds: float = field(metadata=said("Longest duration of the load."))
    connect_timeout_seconds: float = field(metadata=said("How long a client waits for a connection."))
    timeout_seconds: float = field(metadata=said("How long a client waits for an answer."))


@dataclass(frozen=True, slots=True)
class LagSample:
    """The length of a gateway's queue at one instant (monotonic seconds)."""

    at: float = field(metadata=said("CLOCK_MONOTONIC seconds."))
    node: str = field(metadata=said("The gateway."))
    pending_events: int = field(metadata=said("Events that waited in the queue.", least=0))
    oldest_age_seconds: float = field(metadata=said("Age of the oldest of them.", least=0))


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator's delay, by which factor the drill shortened it, and the RTO with the whole delay."""

    delay_seconds: float = field(metadata=said("How long the operator takes to react.", least=0))
    time_scale: float = field(metadata=said("The factor by which the drill shortened this delay.", least=1))
    rto_seconds: float | None = field(
        metadata=said("The measured RTO with the whole delay; null: no recovery.", least=0)
    )


@dataclass(frozen=True, slots=True)
class DrillResult:
    """One drill. If it was aborted before a fault, `timeline` and `measured` are None, and the lists empty.

    `other_data`: counts of the data outside the load; None if it was not read, as by earlier versions.
    `images`: the image ID of each node when the drill began, by node name.
    `not_proven`: properties that a drill of this kind cannot prove.
    `single_point`: the element that failed is a single point of failure; None if the services recovered before healing.
    """

    drill_id: str = field(metadata=said("The drill's identity; its load uses it as the collectors' identity."))
    started_at: str = field(metadata=said("The drill's begin, ISO 8601.", form="date-time"))
    scenario: str = field(metadata=said("The scenario, and its element if it has one."))
    pattern: str = field(metadata=said("The redundancy pattern."))
    stack: str = field(metadata=said("The stack."))
    verdict: Verdict = field(
        metadata=said("passed; failed: an objective was missed; aborted: the drill proves nothing.")
    )
    reasons: tuple[str, ...] = field(metadata=said("Why the drill did not pass; empty when it did."))
    warnings: tuple[str, ...] = field(metadata=said("Observations that do not change the verdict."))
    within_prediction: bool | None = field(
        metadata=said("Whether the measured RTO is within the predicted bound; null when aborted.")
    )
    objectives: Objectives = field(metadata=said("The topology's objectives."))
    predicted: Predicted = field(metadata=said("The bound derived from the topology's own timers."))
    measured: Measured | None = field(
        metadata=said("null when the drill was aborted before anything could be measured.")
    )
    phases: tuple[Phase, ...] = field(metadata=said("The phases of the recovery; they sum to rto_seconds."))
    fault: Fault = field(metadata=said("The injected fault, with its proof."))
    timeline: Timeline | None = field(metadata=said("The instants of the drill; null when there was no fault."))
    outages: tuple[ServiceOutage, ...] = field(metadata=said("Every outage."))
    services: tuple[ServiceLoad, ...] = field(metadata=said("Throughput and latency of each service."))
    load: Load = field(metadata=said("The settings of the load."))
    lag: tuple[LagSample, ...] = field(metadata=said("Lengths of the gateways' queues over time."))
    software: dict[str, str] = field(metadata=said("Versions by name."))
    operator: Operator | None = field(metadata=said("The operator's delay; null when the scenario has no operator."))
    replication: ReplicationLoss | None = field(
        metadata=said(
            "The failover instance's lag just before the fault, and the resulting loss; null when the scenario gives "
            "up no data."
        )
    )
    exchange: Exchange | None = field(
        metadata=said("The event exchange of active-active instances; null in other patterns.")
    )
    single_point: SinglePoint | None = field(
        metadata=said(
            "The element that failed is a single point of failure: services were down until it was healed. null: "
            "they recovered before."
        )
    )
    other_data: OtherData | None = field(
        default=None,
        metadata=said(
            "Counts of the events, metrics and topology items outside the drill's load; null: not read.", later=True
        ),
    )
    images: dict[str, str] = field(
        default_factory=dict,
        metadata=said(
            "The image ID (digest of the image's configuration) of each node when the drill began.", later=True
        ),
    )
    not_proven: tuple[str, ...] = field(
        default=(PAGE_CACHE,), metadata=said("Properties that a drill of this kind cannot prove.", later=True)
    )
    kind: Literal["drill"] = field(default="drill", metadata=said("The kind of result."))
    schema_version: Literal[1] = field(
        default=SCHEMA_VERSION, metadata=said("Incremented when a field changes its meaning or is removed.")
    )
