"""Turns the runner's record of a drill into the record that is measured. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from redlab.drills.load_settings import LoadSettings
from redlab.drills.record import STEADY_SECONDS, Record
from redlab.drills.scenario import Scenario
from redlab.drills.timers import timers_of
from redlab.measure.measured import Objectives
from redlab.measure.phases import Timeline
from redlab.measure.record import DrillRecord, Observed
from redlab.measure.result import Fault, LagSample, Load
from redlab.measure.stored_event import StoredEvent
from redlab.model.inventory import Inventory
from redlab.predict.element import predict_part
from redlab.predict.part import Part
from redlab.predict.scenario import Prediction, predict

LAG_SAMPLE_SECONDS = 0.25


def assemble(record: Record, inventory: Inventory) -> DrillRecord:
    """Return the record of a drill in the form that :func:`redlab.measure.analysis.analyse` measures."""
    scenario, load = record.scenario, record.load
    stuck = [f"stuck in a queue at the end: {line}" for line in record.stuck]
    return DrillRecord(
        **{**_observed(record), "breaches": (*record.breaches, *stuck)},
        stack=inventory.lab,
        pattern=inventory.pattern,
        objectives=Objectives(inventory.objectives.rto_seconds, inventory.objectives.rpo_events),
        prediction=prediction_of(record, inventory),
        load=Load(
            load.events_per_second,
            load.users_per_second,
            1,
            load.seconds,
            load.connect_timeout_seconds,
            load.timeout_seconds,
        ),
        fault=Fault(scenario.fault.name, record.target, bool(record.evidence), record.evidence, record.fault_at),
        timeline=_timeline(record) if record.read_at is not None else None,
        histories=(record.history,) if record.history else (),
        expected_loads=1,
        read_at=record.read_at or 0.0,
        steady_seconds=STEADY_SECONDS,
        down_gateways=frozenset(record.down_gateways),
        # Where a restart is the recovery, no failure is excused as an effect of the heal.
        heal_is_recovery=scenario.heal_after_seconds is not None or scenario.second_fault_seconds is not None,
        healed_at_will=scenario.healed_at_will,
        lag=tuple(lag_samples(record.events, LAG_SAMPLE_SECONDS)),
        operator_delay_seconds=scenario.operator_delay_seconds,
        time_scale=scenario.time_scale,
    )


def _observed(record: Observed) -> dict[str, Any]:
    """Return the values that are measured exactly as they were recorded, by name."""
    return {one.name: getattr(record, one.name) for one in fields(Observed)}


def prediction_of(record: Record, inventory: Inventory) -> Prediction:
    """Return the bounds of a drill's recovery. Before the drill has a target, nothing is broken."""
    return predicted(inventory, record.scenario, record.load, record.part or Part.SPARE)


def predicted(inventory: Inventory, scenario: Scenario, load: LoadSettings, part: Part = Part.SPARE) -> Prediction:
    """Return the bounds of a scenario's recovery in a lab; those of a fault of any element depend on its ``part``."""
    timers = timers_of(inventory, scenario, load)
    if scenario.bound is not None:
        return predict(scenario.title, scenario.bound, timers)
    return predict_part(scenario.title, part, scenario.fault, timers, active_active=inventory.active_active)


def lag_samples(events: Sequence[StoredEvent], every_seconds: float) -> list[LagSample]:
    """Return the length of each gateway's queue at regular instants, from each event's arrival and commit."""
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
            samples.append(LagSample(at, gateway, len(waiting), oldest))
    return samples


def _timeline(record: Record) -> Timeline | None:
    if record.fault_at is None:
        return None
    # The last epoch that began after the fault: the one that recovered.
    terms = [term for term in record.lease_terms if term.epoch > record.epoch_before]
    term = terms[-1] if terms else None
    operations = record.history.operations if record.history else ()
    return Timeline(
        fault_at=record.fault_at,
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
