"""Computing a drill's result from its record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from redlab.measure.exchange import Exchange, measure_exchange
from redlab.measure.history import ITEM_KINDS
from redlab.measure.loss import measure_loss, together
from redlab.measure.measured import Measured, combine
from redlab.measure.outage import Recovery, measure_recovery
from redlab.measure.phases import Phase, Timeline, phases_of
from redlab.measure.planned_work import disturbances
from redlab.measure.primaries import DualPrimary, measure_dual_primary
from redlab.measure.processing import measure_processing_recovery
from redlab.measure.replication import ReplicationLoss, measure_replication_loss
from redlab.measure.result import (
    DrillResult,
    NamedSeconds,
    Operator,
    Predicted,
    ServiceBound,
    ServiceLoad,
    ServiceOutage,
)
from redlab.measure.single_point import SinglePoint, find_single_point
from redlab.measure.stall import stall_warnings
from redlab.measure.steady_state import P99_LIMIT_SECONDS, unsteady_reasons
from redlab.measure.verdict import judge
from redlab.measure.windows import window_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from redlab.measure.history import ItemKind, Operation
    from redlab.measure.loss import Key, Loss
    from redlab.measure.record import DrillRecord
    from redlab.measure.stored_event import StoredEvent
    from redlab.predict.scenario import Prediction


@dataclass(frozen=True, slots=True)
class _Findings:
    """Everything that was measured; all fields are empty when no fault landed."""

    measured: Measured | None = None
    timeline: Timeline | None = None
    phases: tuple[Phase, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    services: tuple[ServiceLoad, ...] = ()
    dual_primary: DualPrimary = field(default_factory=lambda: DualPrimary(0.0, ()))
    unsteady: tuple[str, ...] = ()
    disturbances: tuple[str, ...] = ()
    replication: ReplicationLoss | None = None
    exchange: Exchange | None = None
    single_point: SinglePoint | None = None


def analyse(record: DrillRecord) -> DrillResult:
    """Measure and judge one drill. Pure: the same record gives the same result."""
    findings = _measure(record)
    judgement = judge(
        record.objectives,
        findings.measured,
        record.prediction.rto_seconds,
        abort_reasons=(*record.abort_reasons, *_worthless(record), *findings.unsteady),
        unrecovered=[recovery.service for recovery in findings.recoveries if not recovery.recovered],
        breaches=(
            *record.breaches,
            *findings.disturbances,
            *findings.dual_primary.breaches,
            *(findings.replication.breaches if findings.replication else ()),
            *(findings.exchange.breaches if findings.exchange else ()),
        ),
        warnings=_warnings(record, findings),
        other_data=record.other_data,
        repaired=record.healed_at_will and findings.single_point is not None,
    )
    return DrillResult(
        drill_id=record.drill_id,
        started_at=record.started_at,
        scenario=record.prediction.scenario,
        pattern=record.pattern,
        stack=record.stack,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        warnings=judgement.warnings,
        within_prediction=judgement.within_prediction,
        objectives=record.objectives,
        predicted=_predicted(record.prediction),
        measured=findings.measured,
        phases=findings.phases,
        fault=record.fault,
        timeline=findings.timeline,
        outages=tuple(outage for recovery in findings.recoveries for outage in _outages(recovery)),
        services=findings.services,
        load=record.load,
        lag=record.lag,
        software=dict(record.software),
        operator=_operator(record, findings.measured),
        replication=findings.replication,
        exchange=findings.exchange,
        single_point=findings.single_point,
        other_data=record.other_data,
        images=dict(record.images),
    )


def _operator(record: DrillRecord, measured: Measured | None) -> Operator | None:
    """Return the operator's delay, and the RTO with the whole delay: ``time_scale`` shortens only the delay."""
    delay_seconds, scale = record.operator_delay_seconds, record.time_scale
    if delay_seconds is None:
        return None
    rto_seconds = None if measured is None else measured.rto_seconds
    shortened_seconds = delay_seconds - delay_seconds / scale
    return Operator(delay_seconds, scale, None if rto_seconds is None else rto_seconds + shortened_seconds)


def _measure(record: DrillRecord) -> _Findings:
    timeline = record.timeline
    if timeline is None or not record.fault.landed:
        return _Findings(timeline=timeline)
    fault_at = timeline.fault_at
    operations = [operation for history in record.histories for operation in history.operations]
    collects = sorted((op for op in operations if op.kind == "collect"), key=lambda op: (op.scheduled, op.n))
    users = sorted((op for op in operations if op.kind == "user"), key=lambda op: (op.scheduled, op.n))
    identities = {history.collector_id for history in record.histories}
    events = [event for event in record.events if event.collector in identities]
    load_ended_at = max((op.completed for op in collects if op.outcome == "ok"), default=fault_at)

    def recover(heal_at: float | None) -> tuple[Recovery, ...]:
        return (
            measure_recovery("collection", _awaited(collects, record), fault_at=fault_at, heal_at=heal_at),
            measure_recovery("user", _awaited(users, record), fault_at=fault_at, heal_at=heal_at),
            measure_processing_recovery(events, fault_at=fault_at, load_ended_at=load_ended_at, heal_at=heal_at),
        )

    recoveries = recover(None if record.heal_is_recovery else timeline.heal_at)
    single_point = find_single_point(record.fault.kind, recoveries, fault_at, timeline.heal_at)
    if single_point:
        # Healing was the recovery: outages after it count against the fault.
        recoveries = recover(None)
    dual_primary = _dual_primary(record)
    restored_at = timeline.redundancy_restored_at
    measured = combine(
        collection=recoveries[0],
        user=recoveries[1],
        processing=recoveries[2],
        losses=_losses(record, operations, events, timeline.healed_at),
        dual_primary=dual_primary,
        redundancy_restored_seconds=None if restored_at is None else max(0.0, restored_at - fault_at),
    )
    first_success_at = None if measured.rto_seconds is None else fault_at + measured.rto_seconds
    timeline = replace(timeline, first_success_at=first_success_at)
    return _Findings(
        measured=measured,
        timeline=timeline,
        phases=phases_of(timeline),
        recoveries=recoveries,
        services=(
            _service_load(recoveries[0], collects, fault_at, _steady_until(record, fault_at), record.steady_seconds),
            _service_load(recoveries[1], users, fault_at, _steady_until(record, fault_at), record.steady_seconds),
        ),
        dual_primary=dual_primary,
        replication=_replication_loss(record, operations, events),
        exchange=measure_exchange(record.exchange) if record.exchange else None,
        single_point=single_point,
        disturbances=()
        if record.work_began_at is None
        else tuple(disturbances(collects, users, events, began_at=record.work_began_at, ended_at=fault_at)),
        unsteady=(
            *_unsteady("collection", collects, record, record.load.events_per_second / record.load.batch_events),
            *_unsteady("user", users, record, record.load.users_per_second),
        ),
    )


def _losses(
    record: DrillRecord, operations: Sequence[Operation], events: Sequence[StoredEvent], healed_at: float | None
) -> dict[ItemKind, Loss]:
    """Return the loss of each kind. Instances do not exchange metrics and topology: losses of both instances add up."""

    def loss(kind: ItemKind, sent: Sequence[Operation], rows: Sequence[StoredEvent], covered: Collection[Key]) -> Loss:
        return measure_loss(
            sent,
            rows,
            read_at=record.read_at,
            down_gateways=record.down_gateways,
            reachable_again_at=healed_at,
            kind=kind,
            covered=covered,
        )

    found: dict[ItemKind, list[Loss]] = {"event": [loss("event", operations, events, ())]}
    for one in record.others:
        found.setdefault(one.kind, []).append(loss(one.kind, one.operations, one.rows, one.covered))
    return {kind: together(found[kind]) for kind in ITEM_KINDS if kind in found}


def _replication_loss(
    record: DrillRecord, operations: Sequence[Operation], events: Sequence[StoredEvent]
) -> ReplicationLoss | None:
    if record.replication_lag is None:
        return None
    stored = {event.key for event in events}.union(
        *({row.key for row in one.rows} | one.covered for one in record.others)
    )
    return measure_replication_loss(record.replication_lag, operations, stored)


def _dual_primary(record: DrillRecord) -> DualPrimary:
    """Both active-active instances write; within each instance only one server may."""
    if record.exchange is None:
        return measure_dual_primary(record.events, record.lease_terms)
    each = [measure_dual_primary(instance.events, instance.terms) for instance in record.exchange.instances]
    return DualPrimary(sum(one.seconds for one in each), tuple(breach for one in each for breach in one.breaches))


def _awaited(operations: Sequence[Operation], record: DrillRecord) -> list[Operation]:
    """Return the operations without those that the end of the load cut short. They still count for the loss.

    An unfinished operation was cut short if it had waited at most ``P99_LIMIT_SECONDS``. One that waited longer shows
    an outage, and is kept.
    """
    stopped_at = record.load_stopped_at
    if stopped_at is None:
        return list(operations)
    return [
        op
        for op in operations
        if op.outcome == "ok" or op.completed < stopped_at or op.scheduled < stopped_at - P99_LIMIT_SECONDS
    ]


def _worthless(record: DrillRecord) -> list[str]:
    """Return the reasons why the record proves nothing; empty if it can be judged."""
    reasons = []
    if not record.fault.target:
        reasons.append("no fault was injected")
    elif not record.fault.landed:
        reasons.append(f"the fault did not land: {record.fault.kind} on {record.fault.target}")
    elif record.timeline is None:
        reasons.append("the databases were not read at the end")
    elif record.timeline.healed_at is None:
        reasons.append("healing was not proven")
    if len(record.histories) != record.expected_loads:
        reasons.append(f"{len(record.histories)} of {record.expected_loads} loads left a history")
    return reasons


def _warnings(record: DrillRecord, findings: _Findings) -> list[str]:
    recoveries = findings.recoveries
    warnings = [f"{record.fault.target} is {findings.single_point}"] if findings.single_point else []
    warnings += [
        f"healing disturbed {recovery.service}: {len(recovery.heal_disturbances)} outage(s)"
        for recovery in recoveries
        if recovery.heal_disturbances
    ]
    warnings += [
        f"{recovery.service} came back and failed again: {len(recovery.outages)} outages"
        for recovery in recoveries
        if len(recovery.outages) > 1
    ]
    cut = sum(history.truncated_lines for history in record.histories)
    if cut:
        warnings.append(f"the last line of {cut} history file(s) was cut off")
    return [*warnings, *stall_warnings(record.disk_stalls, findings.timeline)]


def _unsteady(service: str, operations: Sequence[Operation], record: DrillRecord, rate: float) -> tuple[str, ...]:
    if record.timeline is None:
        return ()
    return unsteady_reasons(
        service,
        operations,
        fault_at=_steady_until(record, record.timeline.fault_at),
        steady_seconds=record.steady_seconds,
        rate_per_second=rate * record.expected_loads,
    )


def _steady_until(record: DrillRecord, fault_at: float) -> float:
    """Return the end of the steady state: the fault, or the begin of planned work long before its switchover."""
    return fault_at if record.work_began_at is None else record.work_began_at


def _service_load(
    recovery: Recovery, operations: Sequence[Operation], fault_at: float, steady_until: float, steady_seconds: float
) -> ServiceLoad:
    end = recovery.recovered_at
    if end is None:
        end = max((op.completed for op in operations), default=fault_at)
    return ServiceLoad(
        recovery.service,
        before=window_of(operations, steady_until - steady_seconds, steady_until),
        during=window_of(operations, fault_at, end),
    )


def _predicted(prediction: Prediction) -> Predicted:
    return Predicted(
        prediction.rto_seconds,
        tuple(
            ServiceBound(
                derivation.service,
                derivation.seconds,
                tuple(NamedSeconds(name, seconds) for name, seconds in derivation.terms),
            )
            for derivation in prediction.derivations
        ),
    )


def _outages(recovery: Recovery) -> list[ServiceOutage]:
    return [
        ServiceOutage(recovery.service, "fault", outage.started_at, outage.ended_at, outage.bad_operations)
        for outage in recovery.outages
    ] + [
        ServiceOutage(recovery.service, "heal", outage.started_at, outage.ended_at, outage.bad_operations)
        for outage in recovery.heal_disturbances
    ]
