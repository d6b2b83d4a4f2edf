"""The result of a drill: what `--format json` prints (schemas/drill-result.schema.json)."""

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
"""Raised when a field changes its meaning or goes away; new fields alone do not raise it."""

PAGE_CACHE = (
    "A node that is killed or paused leaves the page cache of its machine as it is: that what was acknowledged also "
    "survives a machine without power is not proven by this drill (docs/contract/index.md, durability)."
)


@dataclass(frozen=True, slots=True)
class NamedSeconds:
    """One term of a derivation."""

    name: str = field(metadata=said("What takes the time."))
    seconds: float = field(metadata=said("How long at most.", least=0))


@dataclass(frozen=True, slots=True)
class ServiceBound:
    """One service's predicted bound, and the terms that sum to it."""

    service: str = field(metadata=said("collection, user or processing."))
    rto_seconds: float = field(metadata=said("The bound.", least=0))
    terms: tuple[NamedSeconds, ...] = field(metadata=said("Terms that sum to the bound."))


@dataclass(frozen=True, slots=True)
class Predicted:
    """The predicted bound of the pattern's RTO: that of the worst service."""

    rto_seconds: float = field(metadata=said("The worst service's bound.", least=0))
    services: tuple[ServiceBound, ...] = field(metadata=said("Each service's derivation."))


@dataclass(frozen=True, slots=True)
class Fault:
    """What was broken. `evidence` is what proved that it landed; `injected_at` is when it was ordered (monotonic)."""

    kind: str = field(metadata=said(f"What was done to it: {', '.join(KINDS)}."))
    target: str = field(metadata=said("The node; empty when it did not come to that."))
    landed: bool = field(metadata=said("Whether the effect was proven."))
    evidence: str = field(metadata=said("What proved it."))
    injected_at: float | None = field(metadata=said("When it was ordered, CLOCK_MONOTONIC seconds."))


@dataclass(frozen=True, slots=True)
class ServiceOutage:
    """One outage of a service. `cause`: `fault`, or `heal` for what healing disturbed. Monotonic seconds."""

    service: str = field(metadata=said("collection, user or processing."))
    cause: Literal["fault", "heal"] = field(metadata=said("heal: what healing disturbed."))
    started_at: float = field(metadata=said("CLOCK_MONOTONIC seconds."))
    ended_at: float | None = field(metadata=said("null: it lasted to the end."))
    bad_operations: int = field(metadata=said("Operations that failed in it.", least=0))


@dataclass(frozen=True, slots=True)
class Window:
    """How a service did in a stretch of the drill. Latency counts from the scheduled time, of successes only."""

    seconds: float = field(metadata=said("Length of the stretch.", least=0))
    ok: int = field(metadata=said("Operations that succeeded.", least=0))
    fail: int = field(metadata=said("Operations certainly not accepted.", least=0))
    unknown: int = field(metadata=said("Operations without an answer.", least=0))
    ok_per_second: float = field(metadata=said("Successes per second.", least=0))
    latency_p50_seconds: float | None = field(metadata=said("Median latency; null without a success."))
    latency_p99_seconds: float | None = field(metadata=said("99th percentile of the latency; null without a success."))


@dataclass(frozen=True, slots=True)
class ServiceLoad:
    """A service before the fault and from then to its recovery (to the load's end if there was none)."""

    service: str = field(metadata=said("collection or user."))
    before: Window = field(
        metadata=said(
            "How a service did in a stretch of the drill; latency counts from the scheduled time, of successes only."
        )
    )
    during: Window = field(
        metadata=said(
            "How a service did in a stretch of the drill; latency counts from the scheduled time, of successes only."
        )
    )


@dataclass(frozen=True, slots=True)
class Load:
    """How the load was asked for. Rates are per second."""

    events_per_second: float = field(metadata=said("Events per second."))
    users_per_second: float = field(metadata=said("Users' requests per second."))
    batch_events: int = field(metadata=said("Events in one request.", least=0))
    seconds: float = field(metadata=said("At most so long."))
    connect_timeout_seconds: float = field(metadata=said("A client's patience with a connection."))
    timeout_seconds: float = field(metadata=said("A client's patience with an answer."))


@dataclass(frozen=True, slots=True)
class LagSample:
    """What waited in a gateway's queue at one instant (monotonic seconds)."""

    at: float = field(metadata=said("CLOCK_MONOTONIC seconds."))
    node: str = field(metadata=said("The gateway."))
    pending_events: int = field(metadata=said("Events waiting.", least=0))
    oldest_age_seconds: float = field(metadata=said("Age of the oldest.", least=0))


@dataclass(frozen=True, slots=True)
class Operator:
    """How long the operator was to take to react, and the RTO with it: hours of the model pass in seconds."""

    delay_seconds: float = field(metadata=said("The delay, in the model's time.", least=0))
    time_scale: float = field(
        metadata=said("Seconds of the model that pass in one second of the drill, for the delay alone.", least=1)
    )
    rto_seconds: float | None = field(
        metadata=said("The measured RTO with the whole delay, in the model's time; null: it never ended.", least=0)
    )


@dataclass(frozen=True, slots=True)
class DrillResult:
    """One drill. `timeline`, `measured` are None and the lists empty when it was aborted before there was a fault.

    `other_data`: what became of data that is not of the load; None where it was not read, as by earlier versions.
    `images`: the id of the image that each node ran when the drill began, by the node's name.
    `not_proven`: what a drill of this kind cannot show.
    `single_point`: what failed is a single point of failure; None where everything came back without it.
    """

    drill_id: str = field(metadata=said("Names the drill; also the identity under which its load collected."))
    started_at: str = field(metadata=said("ISO 8601.", form="date-time"))
    scenario: str = field(metadata=said("What was broken."))
    pattern: str = field(metadata=said("The redundancy pattern."))
    stack: str = field(metadata=said("The stack."))
    verdict: Verdict = field(metadata=said("passed; failed: an objective was missed; aborted: it proves nothing."))
    reasons: tuple[str, ...] = field(metadata=said("Why it did not pass; empty when it did."))
    warnings: tuple[str, ...] = field(metadata=said("What is worth knowing but changes no verdict."))
    within_prediction: bool | None = field(
        metadata=said("Whether the measured RTO is within the predicted bound; null when aborted.")
    )
    objectives: Objectives = field(metadata=said("What the topology promises."))
    predicted: Predicted = field(metadata=said("The bound derived from the topology's own timers."))
    measured: Measured | None = field(
        metadata=said("null when the drill was aborted before anything could be measured.")
    )
    phases: tuple[Phase, ...] = field(metadata=said("The recovery cut into phases that sum to rto_seconds."))
    fault: Fault = field(metadata=said("What was broken, and the proof."))
    timeline: Timeline | None = field(metadata=said("null when there was no fault."))
    outages: tuple[ServiceOutage, ...] = field(metadata=said("Every outage."))
    services: tuple[ServiceLoad, ...] = field(metadata=said("Throughput and latency, before and during."))
    load: Load = field(metadata=said("How the load was asked for."))
    lag: tuple[LagSample, ...] = field(metadata=said("What waited in the gateways' queues."))
    software: dict[str, str] = field(metadata=said("Versions by name."))
    operator: Operator | None = field(
        metadata=said("How long the operator was to take to react; null where nobody acts.")
    )
    replication: ReplicationLoss | None = field(
        metadata=said(
            "How far the failover instance was behind just before the fault, and what of that was lost; "
            "null where nothing is given up."
        )
    )
    exchange: Exchange | None = field(
        metadata=said("What twin instances made of the events; null where there are no twins.")
    )
    single_point: SinglePoint | None = field(
        metadata=said(
            "What failed is a single point of failure: services were away until it was healed; null where"
            " everything came back without it."
        )
    )
    other_data: OtherData | None = field(
        default=None,
        metadata=said(
            "What became of events, metrics and topology that are not of the drill's load; null: not read.", later=True
        ),
    )
    images: dict[str, str] = field(
        default_factory=dict,
        metadata=said(
            "The id (digest of its configuration) of the image that each node ran when the drill began.", later=True
        ),
    )
    not_proven: tuple[str, ...] = field(
        default=(PAGE_CACHE,), metadata=said("What a drill of this kind cannot show.", later=True)
    )
    kind: Literal["drill"] = field(default="drill", metadata=said("What kind of result this is."))
    schema_version: Literal[1] = field(
        default=SCHEMA_VERSION, metadata=said("Raised when a field changes its meaning or goes away.")
    )
