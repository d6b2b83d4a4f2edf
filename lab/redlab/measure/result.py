"""The result of a drill: what `--format json` prints (schemas/drill-result.schema.json)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from redlab.measure.exchange import Exchange
    from redlab.measure.measured import Measured, Objectives
    from redlab.measure.others import OtherData
    from redlab.measure.phases import Phase, Timeline
    from redlab.measure.replication import ReplicationLoss
    from redlab.measure.single_point import SinglePoint
    from redlab.measure.verdict import Verdict

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields alone do not raise it."""

PAGE_CACHE = (
    "A node that is killed or paused leaves the page cache of its machine as it is: that what was acknowledged also "
    "survives a machine without power is not proven by this drill (docs/container-contract.md, durability)."
)


@dataclass(frozen=True, slots=True)
class NamedSeconds:
    """One term of a derivation."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ServiceBound:
    """One service's predicted bound, and the terms that sum to it."""

    service: str
    rto_seconds: float
    terms: tuple[NamedSeconds, ...]


@dataclass(frozen=True, slots=True)
class Predicted:
    """The predicted bound of the pattern's RTO: that of the worst service."""

    rto_seconds: float
    services: tuple[ServiceBound, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What was broken. `evidence` is what proved that it landed; `injected_at` is when it was ordered (monotonic)."""

    kind: str
    target: str
    landed: bool
    evidence: str
    injected_at: float | None


@dataclass(frozen=True, slots=True)
class ServiceOutage:
    """One outage of a service. `cause`: `fault`, or `heal` for what healing disturbed. Monotonic seconds."""

    service: str
    cause: Literal["fault", "heal"]
    started_at: float
    ended_at: float | None
    bad_operations: int


@dataclass(frozen=True, slots=True)
class Window:
    """How a service did in a stretch of the drill. Latency counts from the scheduled time, of successes only."""

    seconds: float
    ok: int
    fail: int
    unknown: int
    ok_per_second: float
    latency_p50_seconds: float | None
    latency_p99_seconds: float | None


@dataclass(frozen=True, slots=True)
class ServiceLoad:
    """A service before the fault and from then to its recovery (to the load's end if there was none)."""

    service: str
    before: Window
    during: Window


@dataclass(frozen=True, slots=True)
class Load:
    """How the load was asked for. Rates are per second."""

    events_per_second: float
    users_per_second: float
    batch_events: int
    seconds: float
    connect_timeout_seconds: float
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class LagSample:
    """What waited in a gateway's queue at one instant (monotonic seconds)."""

    at: float
    node: str
    pending_events: int
    oldest_age_seconds: float


@dataclass(frozen=True, slots=True)
class Operator:
    """What people were said to take, and the RTO with it: hours of the model pass in seconds of the drill.

    `delay_seconds` and `rto_seconds` are in the model's time; the drill waited `delay_seconds / time_scale`.
    """

    delay_seconds: float
    time_scale: float
    rto_seconds: float | None


@dataclass(frozen=True, slots=True)
class DrillResult:
    """One drill. `timeline`, `measured` are None and the lists empty when it was aborted before there was a fault.

    `other_data`: what became of data that is not of the load; None where it was not read, as by earlier versions.
    `images`: the id of the image that each node ran when the drill began, by the node's name.
    `not_proven`: what a drill of this kind cannot show.
    `single_point`: what failed is a single point of failure; None where everything came back without it.
    """

    drill_id: str
    started_at: str
    scenario: str
    pattern: str
    stack: str
    verdict: Verdict
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    within_prediction: bool | None
    objectives: Objectives
    predicted: Predicted
    measured: Measured | None
    phases: tuple[Phase, ...]
    fault: Fault
    timeline: Timeline | None
    outages: tuple[ServiceOutage, ...]
    services: tuple[ServiceLoad, ...]
    load: Load
    lag: tuple[LagSample, ...]
    software: dict[str, str]
    operator: Operator | None
    replication: ReplicationLoss | None
    exchange: Exchange | None
    single_point: SinglePoint | None
    other_data: OtherData | None = None
    images: dict[str, str] = field(default_factory=dict)
    not_proven: tuple[str, ...] = (PAGE_CACHE,)
    kind: Literal["drill"] = "drill"
    schema_version: int = SCHEMA_VERSION
