"""The observations of a drill, from which its result is computed."""

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
    """Observations that the drill records while it runs, and the result's computation uses unchanged.

    Times are monotonic seconds.

    drill_id, started_at: the drill's identity and begin (ISO 8601).
    events: the final read of events, made at `read_at` after healing.
    others: the final read of metrics and topology, for each instance that has its own.
    other_data: counts of the data outside the loads; None if it was not read.
    work_began_at: begin of planned work. Users must not notice it before its switchover, which is the fault.
    load_stopped_at: end of the loads; an operation that was in flight then is no outage.
    abort_reasons: why the drill proves nothing (the fault did not land, healing failed, …).
    breaches: observed violations of an invariant.
    replication_lag: the standby's lag just before the fault; None if the scenario gives up no data.
    exchange: the final read of active-active instances and their service desk; None in other patterns. `events` are
    then those of both instances, each once, and `lease_terms` is empty.
    disk_stalls: stalls of the disk of the machine that runs the drill.
    software: versions by name.   images: the image ID of each node at the drill's begin, by node name.
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
    """The complete record of one drill: its observations, and its configuration.

    stack, pattern: the lab.
    timeline: without `first_success_at`, which is computed from the record; None if there was no fault.
    histories: the history of every load.   expected_loads: the number of loads that were started.
    down_gateways: nodes whose queue the fault made unreachable until the timeline's `healed_at`.
    heal_is_recovery: only healing ends the outage, so an outage after the heal counts against the fault.
    healed_at_will: the drill chose the time of healing; an outage that only healing ended is not judged by the RTO
    objective.
    steady_seconds: how long the lab had to be steady before the fault.
    operator_delay_seconds: how long the operator takes to react.   time_scale: by which the drill shortens that delay.
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
