"""From the record of a drill to its result. Pure: the same record gives the same result."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from redlab.drills.record import STEADY_SECONDS, Record
from redlab.drills.scenario import Target
from redlab.drills.timers import timers_of
from redlab.inventory import Inventory
from redlab.measure import result
from redlab.measure.history import Operation
from redlab.measure.loss import measure_loss
from redlab.measure.measured import Measured, Objectives, combine
from redlab.measure.outage import Outage, Recovery, measure_recovery
from redlab.measure.phases import Timeline, phases_of
from redlab.measure.predict import predict
from redlab.measure.primaries import DualPrimary, measure_dual_primary
from redlab.measure.processing import measure_processing_recovery
from redlab.measure.steady_state import percentile, unsteady_reasons
from redlab.measure.stored_event import StoredEvent
from redlab.measure.verdict import judge

LAG_SAMPLE_SECONDS = 0.25


def assemble(record: Record, inventory: Inventory) -> result.DrillResult:
    """Measure, judge and describe a drill."""
    objectives = Objectives(inventory.rto_seconds, inventory.rpo_events)
    predicted = _predicted(record, inventory)
    abort_reasons = list(record.abort_reasons)
    recoveries: tuple[Recovery, ...] = ()
    measured: Measured | None = None
    dual_primary = DualPrimary(0.0, ())
    if record.fault_at is not None and record.history is not None and record.read_at is not None:
        abort_reasons += _unsteady(record, record.fault_at)
        recoveries = _recoveries(record, record.fault_at)
        dual_primary = measure_dual_primary(record.events, record.terms)
        measured = _measured(record, record.fault_at, record.read_at, recoveries, dual_primary)
    judgement = judge(
        objectives,
        measured,
        predicted.rto_seconds,
        abort_reasons=abort_reasons,
        unrecovered=[recovery.service for recovery in recoveries if not recovery.recovered],
        breaches=dual_primary.breaches,
    )
    timeline = _timeline(record, measured)
    return result.DrillResult(
        drill_id=record.drill_id,
        started_at=record.started_at,
        scenario=record.scenario.name,
        pattern=inventory.pattern,
        stack=inventory.lab,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        warnings=judgement.warnings,
        within_prediction=judgement.within_prediction,
        objectives=objectives,
        predicted=predicted,
        measured=measured,
        phases=phases_of(timeline) if timeline else (),
        fault=result.Fault(
            record.scenario.fault, record.target, bool(record.evidence), record.evidence, record.fault_at
        ),
        timeline=timeline,
        outages=tuple(chain.from_iterable(_outages(recovery) for recovery in recoveries)),
        services=_services(record, recoveries),
        load=result.Load(
            record.load.events_per_second,
            record.load.users_per_second,
            1,
            record.load.seconds,
            record.load.connect_timeout_seconds,
            record.load.timeout_seconds,
        ),
        lag=tuple(lag_samples(record.events, LAG_SAMPLE_SECONDS)),
        software=record.software,
    )


def lag_samples(events: Sequence[StoredEvent], every_seconds: float) -> list[result.LagSample]:
    """What waited in each gateway's queue at regular instants, from when each event came and was committed."""
    if not events:
        return []
    start, end = min(e.accepted_at for e in events), max(e.processed_at for e in events)
    samples = []
    for gateway in sorted({event.gateway for event in events}):
        own = [event for event in events if event.gateway == gateway]
        for step in range(int((end - start) / every_seconds) + 1):
            at = start + step * every_seconds
            waiting = [event.accepted_at for event in own if event.accepted_at <= at < event.processed_at]
            oldest = at - min(waiting) if waiting else 0.0
            samples.append(result.LagSample(at, gateway, len(waiting), oldest))
    return samples


def _predicted(record: Record, inventory: Inventory) -> result.Predicted:
    prediction = predict(record.scenario.name, timers_of(inventory, record.scenario, record.load))
    return result.Predicted(
        prediction.rto_seconds,
        tuple(
            result.ServiceBound(
                derivation.service,
                derivation.seconds,
                tuple(result.NamedSeconds(name, seconds) for name, seconds in derivation.terms),
            )
            for derivation in prediction.derivations
        ),
    )


def _operations(record: Record, kind: str) -> tuple[Operation, ...]:
    if record.history is None:
        return ()
    return record.history.of("user" if kind == "user" else "collect")


def _unsteady(record: Record, fault_at: float) -> list[str]:
    rates = {"collection": record.load.events_per_second, "user": record.load.users_per_second}
    return [
        reason
        for service, rate in rates.items()
        for reason in unsteady_reasons(
            service,
            _operations(record, service),
            fault_at=fault_at,
            steady_seconds=STEADY_SECONDS,
            rate_per_second=rate,
        )
    ]


def _recoveries(record: Record, fault_at: float) -> tuple[Recovery, ...]:
    scenario = record.scenario
    # Where a restart is the recovery, nothing is excused as the heal's doing.
    restart_recovers = scenario.heal_after_seconds is not None or scenario.second_fault_seconds is not None
    heal_at = None if restart_recovers else record.heal_at
    acknowledged = [op.completed for op in _operations(record, "collection") if op.outcome == "ok"]
    return (
        *(
            measure_recovery(service, _operations(record, service), fault_at=fault_at, heal_at=heal_at)
            for service in ("collection", "user")
        ),
        measure_processing_recovery(
            record.events, fault_at=fault_at, load_ended_at=max(acknowledged, default=fault_at), heal_at=heal_at
        ),
    )


def _measured(
    record: Record,
    fault_at: float,
    read_at: float,
    recoveries: tuple[Recovery, ...],
    dual_primary: DualPrimary,
) -> Measured:
    collection, user, processing = recoveries
    gateway = record.scenario.target is Target.SERVING_GATEWAY
    loss = measure_loss(
        _operations(record, "collection"),
        record.events,
        read_at=read_at,
        down_gateways=(record.target,) if gateway else (),
        reachable_again_at=record.heal_at if gateway else None,
    )
    restored = record.redundancy_restored_at
    return combine(
        collection=collection,
        user=user,
        processing=processing,
        loss=loss,
        dual_primary=dual_primary,
        redundancy_restored_seconds=None if restored is None else restored - fault_at,
    )


def _timeline(record: Record, measured: Measured | None) -> Timeline | None:
    if record.fault_at is None:
        return None
    # The last epoch that began after the fault: the one that recovered.
    terms = [term for term in record.terms if term.epoch > record.epoch_before]
    term = terms[-1] if terms else None
    rto = measured.rto_seconds if measured else None
    operations = record.history.operations if record.history else ()
    return Timeline(
        fault_at=record.fault_at,
        first_success_at=None if rto is None else record.fault_at + rto,
        detected_at=record.detected_at,
        decided_at=record.decided_at,
        fenced_at=term.acquired_at if term else None,
        promoted_at=term.active_at if term else None,
        rerouted_at=record.rerouted_at,
        load_started_at=min((op.scheduled for op in operations), default=None),
        load_ended_at=max((op.scheduled for op in operations), default=None),
        heal_at=record.heal_at,
        healed_at=record.healed_at,
        redundancy_restored_at=record.redundancy_restored_at,
    )


def _outages(recovery: Recovery) -> list[result.ServiceOutage]:
    def described(cause: str, outage: Outage) -> result.ServiceOutage:
        return result.ServiceOutage(
            recovery.service,
            "fault" if cause == "fault" else "heal",
            outage.started_at,
            outage.ended_at,
            outage.bad_operations,
        )

    return [
        *(described("fault", outage) for outage in recovery.outages),
        *(described("heal", outage) for outage in recovery.heal_disturbances),
    ]


def _services(record: Record, recoveries: tuple[Recovery, ...]) -> tuple[result.ServiceLoad, ...]:
    described = []
    for recovery in recoveries:
        operations = _operations(record, recovery.service)
        if recovery.service == "processing" or not operations:
            continue
        start, end = operations[0].scheduled, operations[-1].scheduled
        recovered = recovery.recovered_at or end
        described.append(
            result.ServiceLoad(
                recovery.service,
                _window(operations, start, recovery.fault_at),
                _window(operations, recovery.fault_at, max(recovered, recovery.fault_at)),
            )
        )
    return tuple(described)


def _window(operations: Sequence[Operation], start: float, end: float) -> result.Window:
    inside = [op for op in operations if start <= op.scheduled < end]
    latencies = [op.latency_seconds for op in inside if op.outcome == "ok"]
    counts = {outcome: sum(op.outcome == outcome for op in inside) for outcome in ("ok", "fail", "unknown")}
    seconds = end - start
    return result.Window(
        seconds,
        counts["ok"],
        counts["fail"],
        counts["unknown"],
        counts["ok"] / seconds if seconds else 0.0,
        percentile(latencies, 50) if latencies else None,
        percentile(latencies, 99) if latencies else None,
    )
