"""The whole measurement of a synthetic drill; each saboteur makes it red for its own reason."""

from dataclasses import replace

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.history import ITEM_KINDS, History, Operation
from redlab.measure.loss import KindRecord
from redlab.measure.record import DrillRecord
from redlab.measure.result import Operator
from redlab.measure.stall import Stall
from tests.support.unit.samples import COLLECTOR, operation, record, stored


def with_operations(drill: DrillRecord, *operations: Operation) -> DrillRecord:
    return replace(drill, histories=(History(COLLECTOR, tuple(operations), 0),))


def test_a_good_drill_passes_with_the_figures_worked_out_by_hand() -> None:
    result = analyse(record())
    assert (result.verdict, result.reasons, result.within_prediction) == ("passed", (), True)
    measured = result.measured
    assert measured is not None
    assert measured.collection_rto_seconds == pytest.approx(0.01)
    assert measured.user_rto_seconds == pytest.approx(2.01)
    assert measured.processing_rto_seconds == pytest.approx(2.05)
    assert measured.rto_seconds == measured.processing_rto_seconds
    assert (measured.acknowledged_events, measured.stored_events, measured.lost_events) == (150, 150, 0)
    assert measured.redundancy_restored_seconds == pytest.approx(8.0)
    assert [(phase.name, round(phase.seconds, 6)) for phase in result.phases] == [
        ("detection", 1.5),
        ("fencing", 0.1),
        ("promotion", 0.2),
        ("first success", 0.25),
    ]
    assert [(o.service, o.cause, o.bad_operations) for o in result.outages] == [
        ("user", "fault", 20),
        ("processing", "fault", 0),
    ]


def test_the_bound_is_the_sum_of_the_timers() -> None:
    bounds = {bound.service: bound.rto_seconds for bound in analyse(record()).predicted.services}
    assert bounds == pytest.approx({"collection": 2.1, "user": 5.0, "processing": 5.8})


def test_a_dropped_acknowledged_row_is_one_lost() -> None:
    good = record()
    result = analyse(replace(good, events=tuple(e for e in good.events if e.seq != 70)))
    assert result.verdict == "failed"
    assert result.reasons == ("1 acknowledged events lost, objective 0",)
    assert result.measured is not None
    assert result.measured.lost_events == 1
    # Sequence number 70 is operation 69, acknowledged at 95 + 6.9 + 0.01; the final read is at 120.
    assert result.measured.oldest_lost_age_seconds == pytest.approx(18.09)


def test_a_write_of_the_fenced_one_is_dual_primary() -> None:
    good = record()
    late = replace(good.events[-1], dps="dps1", epoch=1, processed_at=105.05)
    result = analyse(replace(good, events=(*good.events[:-1], late)))
    assert result.verdict == "failed"
    assert result.measured is not None
    assert result.measured.dual_primary_seconds == pytest.approx(3.0)
    assert any("dps1 (epoch 1)" in reason for reason in result.reasons)


def test_a_duplicate_row_fails() -> None:
    good = record()
    result = analyse(replace(good, events=(*good.events, good.events[3])))
    assert (result.verdict, result.reasons) == ("failed", ("1 duplicate events",))


def test_a_row_that_was_never_sent_fails() -> None:
    good = record()
    result = analyse(replace(good, events=(*good.events, stored(9999, 103, 103.1, dps="dps2", epoch=2))))
    assert (result.verdict, result.reasons) == ("failed", ("1 events stored that were never sent",))


def test_a_fault_that_did_not_land_aborts() -> None:
    good = record()
    result = analyse(replace(good, fault=replace(good.fault, landed=False)))
    assert (result.verdict, result.measured, result.within_prediction) == ("aborted", None, None)
    assert result.reasons == ("the fault did not land: crash on dps1",)


def test_a_drill_that_ends_early_says_how_far_it_came() -> None:
    good = record()
    before = replace(good, fault=replace(good.fault, landed=False, target=""), timeline=None)
    assert analyse(before).reasons == ("no fault was injected",)
    assert analyse(replace(good, timeline=None)).reasons == ("the databases were not read at the end",)


def test_failures_before_the_fault_abort() -> None:
    good = record()
    ops = [
        replace(op, outcome="fail") if op.kind == "user" and op.n == 45 else op for op in good.histories[0].operations
    ]
    result = analyse(with_operations(good, *ops))
    assert result.verdict == "aborted"
    assert result.reasons == ("user: 1 of 30 operations failed before the fault",)


def test_a_load_that_was_not_offered_aborts() -> None:
    good = record()
    ops = [op for op in good.histories[0].operations if op.kind == "collect" or op.n % 2]
    assert analyse(with_operations(good, *ops)).verdict == "aborted"


def test_healing_that_was_not_proven_aborts() -> None:
    good = record()
    assert good.timeline is not None
    result = analyse(replace(good, timeline=replace(good.timeline, healed_at=None)))
    assert (result.verdict, result.reasons) == ("aborted", ("healing was not proven",))


def test_a_load_without_history_aborts() -> None:
    assert "1 of 2 loads left a history" in analyse(record(expected_loads=2)).reasons


def test_what_never_recovers_fails() -> None:
    good = record()
    ops = [
        replace(op, outcome="fail") if op.kind == "user" and op.scheduled >= 100 else op
        for op in good.histories[0].operations
    ]
    result = analyse(with_operations(good, *ops))
    assert result.verdict == "failed"
    assert result.measured is not None
    assert result.measured.user_rto_seconds is None
    assert result.measured.rto_seconds is None
    assert result.phases == ()
    assert "user had not recovered when the drill ended" in result.reasons


def test_redundancy_that_is_not_restored_fails() -> None:
    good = record()
    assert good.timeline is not None
    result = analyse(replace(good, timeline=replace(good.timeline, redundancy_restored_at=None)))
    assert (result.verdict, result.reasons) == ("failed", ("redundancy was not restored",))


def test_operations_cut_short_by_the_end_of_the_load_are_no_outage() -> None:
    good = record(load_stopped_at=110.0)
    cut = operation(150, 109.99, "unknown", latency=0.02)
    result = analyse(with_operations(good, *good.histories[0].operations, cut))
    assert (result.verdict, result.warnings) == ("passed", ())


def test_a_service_that_hangs_until_the_end_of_the_load_has_not_recovered() -> None:
    """None of its operations ends before the load is stopped: all of them look as if they had been cut short."""
    good = record(load_stopped_at=110.0)
    hung = [
        replace(op, outcome="unknown", completed=110.0) if op.kind == "user" and op.scheduled >= 108.1 else op
        for op in good.histories[0].operations
    ]
    result = analyse(with_operations(good, *hung))
    assert result.verdict == "failed"
    assert "user had not recovered when the drill ended" in result.reasons


def test_an_unanswered_operation_within_the_load_is_an_outage() -> None:
    good = record(load_stopped_at=112.0)
    cut = operation(150, 109.99, "unknown", latency=0.02)
    result = analyse(with_operations(good, *good.histories[0].operations, cut))
    assert result.verdict == "failed"
    assert "user had not recovered when the drill ended" in result.reasons


def test_a_cut_off_history_is_a_warning() -> None:
    good = record()
    result = analyse(replace(good, histories=(replace(good.histories[0], truncated_lines=1),)))
    assert result.verdict == "passed"
    assert result.warnings == ("the last line of 1 history file(s) was cut off",)


def test_an_outage_by_healing_is_a_warning_unless_the_heal_is_the_recovery() -> None:
    good = record()
    ops = [
        replace(op, outcome="fail") if op.kind == "user" and 106 <= op.scheduled < 106.5 else op
        for op in good.histories[0].operations
    ]
    excused = analyse(with_operations(good, *ops))
    assert excused.verdict == "passed"
    assert excused.warnings == ("healing disturbed user: 1 outage(s)",)
    assert excused.measured is not None
    assert excused.measured.user_rto_seconds == pytest.approx(2.01)
    counted = analyse(replace(with_operations(good, *ops), heal_is_recovery=True))
    assert counted.measured is not None
    assert counted.measured.user_rto_seconds == pytest.approx(6.51)


def test_the_same_record_gives_the_same_result() -> None:
    assert analyse(record()) == analyse(record())


def test_hours_of_an_operator_pass_in_seconds() -> None:
    good = record()
    measured = analyse(good).measured
    assert analyse(good).operator is None
    told = analyse(replace(good, operator_delay_seconds=7200, time_scale=3600)).operator
    assert told is not None
    assert measured is not None
    assert measured.rto_seconds is not None
    assert told.rto_seconds == pytest.approx(measured.rto_seconds + 7200 - 2)
    assert analyse(replace(good, operator_delay_seconds=3)).operator == Operator(3, 1, measured.rto_seconds)


def test_a_disk_that_stalled_before_everything_was_back_is_told_and_judges_nothing() -> None:
    # The fault is at 100, the recovery at 102.05.
    stalls = (Stall(99.0, 0.6), Stall(100.4, 1.61), Stall(105.0, 3.0))
    result = analyse(replace(record(), disk_stalls=stalls))
    assert result.warnings == ("this machine's disk stalled 2 time(s), the longest for 1.6 s, 0.4 s after the fault",)
    assert (result.verdict, result.measured) == ("passed", analyse(record()).measured)


def test_of_a_drill_that_was_aborted_every_stall_is_told() -> None:
    aborted = replace(record(), timeline=None, abort_reasons=("no steady state",), disk_stalls=(Stall(99.0, 2.04),))
    assert analyse(aborted).warnings == ("this machine's disk stalled 1 time(s), the longest for 2.0 s",)


def test_a_lost_metric_or_topology_item_fails_the_drill() -> None:
    whole = mixed_record()
    result = analyse(whole)
    assert result.measured is not None
    assert result.verdict == "passed", result.reasons
    assert {one.kind: one.acknowledged for one in result.measured.kinds} == {"event": 90, "metric": 45, "topology": 15}
    assert result.measured.acknowledged_events == 150
    for kind in ("metric", "topology"):
        others = tuple(replace(one, rows=one.rows[1:]) if one.kind == kind else one for one in whole.others)
        lossy = analyse(replace(whole, others=others))
        assert lossy.verdict == "failed"
        assert lossy.reasons == (f"1 acknowledged events lost ({kind} 1), objective 0",)


def test_a_metric_that_only_one_of_two_twins_lacks_is_lost() -> None:
    whole = mixed_record()
    (metrics, topology) = whole.others
    other = replace(metrics, rows=metrics.rows[1:])
    result = analyse(replace(whole, others=(metrics, topology, other)))
    assert result.measured is not None
    counts = {one.kind: (one.acknowledged, one.lost) for one in result.measured.kinds}
    assert counts == {"event": (90, 0), "metric": (90, 1), "topology": (15, 0)}
    assert result.verdict == "failed"


def mixed_record() -> DrillRecord:
    """The same drill, in which of ten operations six sent an event, three a metric and one a topology item."""
    plain = record()
    (history,) = plain.histories
    operations = tuple(
        replace(op, kinds="eeememem0e"[op.n % 10]) if op.kind == "collect" else op for op in history.operations
    )
    numbers = {kind: {seq for op in operations for seq in op.numbers(kind)} for kind in ITEM_KINDS}
    rows = {kind: tuple(one for one in plain.events if one.seq in numbers[kind]) for kind in ITEM_KINDS}
    return replace(
        plain,
        histories=(replace(history, operations=operations),),
        events=rows["event"],
        others=tuple(KindRecord(kind, operations, rows[kind], {}) for kind in ITEM_KINDS[1:]),
    )
