"""Everything a drill observed, before it is measured."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redlab.measure.exchange import ExchangeRecord
    from redlab.measure.history import History
    from redlab.measure.loss import KindRecord
    from redlab.measure.measured import Objectives
    from redlab.measure.others import OtherData
    from redlab.measure.phases import Timeline
    from redlab.measure.primaries import LeaseTerm
    from redlab.measure.replication import Lag
    from redlab.measure.result import Fault, LagSample, Load
    from redlab.measure.stall import Stall
    from redlab.measure.stored_event import StoredEvent
    from redlab.predict.scenario import Prediction


@dataclass(slots=True)
class Observed:
    """What a drill writes down as it goes on, and what is measured as it is; times are monotonic seconds.

    drill_id, started_at (ISO 8601): which drill it was, and when.
    events: the final read, made at `read_at` after healing.
    others: the same of metrics and of topology, in each instance that has its own.
    other_data: what became of what is not of the loads; None where nothing was read.
    work_began_at: when planned work began that nobody may notice before its switchover, which is the fault then.
    load_stopped_at: when the loads were stopped; what was in flight then nobody waited for: it is no outage.
    abort_reasons: what makes the drill worthless (fault did not land, heal failed, …).
    breaches: what was seen that must never be.
    replication_lag: how far the standby was behind just before the fault; None where nothing is given up.
    exchange: what twin instances and their service desk hold; None where there are no twins. `events` are then those
    of both, each once, and `lease_terms` empty.
    disk_stalls: when the disk of the machine that drills stalled.
    software: versions by name.   images: the id of the image that each node ran when the drill began, by name.
    """

    drill_id: str
    started_at: str
    _: KW_ONLY
    events: Sequence[StoredEvent] = ()
    others: Sequence[KindRecord] = ()
    other_data: OtherData | None = None
    lease_terms: Sequence[LeaseTerm] = ()
    work_began_at: float | None = None
    load_stopped_at: float | None = None
    abort_reasons: Sequence[str] = ()
    breaches: Sequence[str] = ()
    replication_lag: Lag | None = None
    exchange: ExchangeRecord | None = None
    disk_stalls: Sequence[Stall] = ()
    software: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class DrillRecord(Observed):
    """The raw material of one drill: what it wrote down, and what it was meant to be.

    stack, pattern: what was run.
    timeline: without `first_success_at`, which is measured; None if there was no fault.
    histories: of every load, and `expected_loads` how many were started.
    down_gateways: nodes whose queue the fault made unreachable until the timeline's `healed_at`.
    heal_is_recovery: the restart that ends the fault is the only way back, so the heal excuses nothing.
    healed_at_will: the drill healed when it liked, so that the time which only the heal ended is no objective's.
    steady_seconds: how long before the fault everything had to be well.
    operator_delay_seconds, time_scale: how long the operator was to take to react, and how much faster that passed.
    """

    stack: str
    pattern: str
    objectives: Objectives
    prediction: Prediction
    load: Load
    fault: Fault
    timeline: Timeline | None
    histories: tuple[History, ...]
    expected_loads: int
    read_at: float
    steady_seconds: float
    down_gateways: frozenset[str] = frozenset()
    heal_is_recovery: bool = False
    healed_at_will: bool = False
    lag: tuple[LagSample, ...] = ()
    operator_delay_seconds: float | None = None
    time_scale: float = 1.0
