"""What was lost in replication is never more than was under way, or the drill fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.replication import Lag, ReplicationLoss, measure_replication_loss
from tests.support.unit import samples


def test_what_was_acknowledged_before_and_since_the_reading_is_told_apart() -> None:
    record = samples.record()
    operations = [op for history in record.histories for op in history.operations]
    # One event each tenth of a second; those acknowledged from 99.5 s to 100.5 s are gone.
    gone = {
        (op.collector_id, seq)
        for op in operations
        if op.kind == "collect" and op.outcome == "ok" and 99.5 <= op.completed < 100.5
        for seq in op.sequence_numbers
    }
    stored = {event.key for event in record.events} - gone
    found = measure_replication_loss(Lag(99.8, 1, 2, 300), operations, stored)
    assert found == ReplicationLoss(2, 300, 1, 3, len(gone) - 3)
    assert found.breaches == ()


def test_more_lost_than_was_under_way_fails_the_drill() -> None:
    record = samples.record()
    lost = replace(record, events=record.events[20:], replication_lag=Lag(samples.FAULT_AT, 1, 2, 300))
    result = analyse(lost)
    assert result.verdict == "failed"
    assert any("only 3 had not been replicated" in reason for reason in result.reasons)
    assert result.replication
    assert result.replication.lost_events_before == 20


@pytest.mark.parametrize(("before", "found"), [(3, 0), (4, 1)])
def test_the_bound_is_what_was_behind_and_queued(before: int, found: int) -> None:
    assert len(ReplicationLoss(2, 0, 1, before, 1000).breaches) == found


def test_metrics_and_topology_that_were_not_replicated_count_too() -> None:
    record = samples.record()
    operations = [replace(op, kinds="m") if op.kind == "collect" else op for op in record.histories[0].operations]
    found = measure_replication_loss(Lag(samples.FAULT_AT, 0, 0, 0), operations, ())
    assert found.lost_events_before == 50
    assert found.breaches
