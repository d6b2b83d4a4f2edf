from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from redlab.drills.twin_load import merged
from redlab.drills.twin_read import earliest
from redlab.measure.analysis import analyse
from redlab.measure.exchange import Action, ExchangeRecord, InstanceRecord, SharedRecord, measure_exchange
from redlab.measure.history import History
from redlab.results.documents import from_document, to_document
from tests.support.unit.samples import COLLECTOR, operation, record, stored

EVENTS = 3


def shared(seq: int, **changes: Any) -> SharedRecord:
    made = SharedRecord(COLLECTOR, seq, "dc1", 1, {"dc1": 1, "dc2": 1}, f"IM{seq}", f"RUN{seq}")
    return replace(made, **changes)


def instance(site: str, **changes: Any) -> InstanceRecord:
    seqs = range(1, EVENTS + 1)
    rows = tuple(stored(seq, 1.0, 1.1, dps=f"{site}-dps1") for seq in seqs)
    return replace(InstanceRecord(site, rows, (), tuple(map(shared, seqs)), 0, spared=True), **changes)


def acted(prefix: str) -> tuple[Action, ...]:
    return tuple(Action(f"{prefix}{seq}", COLLECTOR, seq) for seq in range(1, EVENTS + 1))


def read(**changes: Any) -> ExchangeRecord:
    made = ExchangeRecord((instance("dc1"), instance("dc2")), acted("IM"), acted("RUN"), link_bytes=300)
    return replace(made, **changes)


def test_each_event_once() -> None:
    found = measure_exchange(read())
    assert found.breaches == ()
    assert (found.distinct_events, found.twin_events, found.incidents, found.runs) == (3, 3, 3, 3)
    assert (found.counter, found.link_bytes_per_event) == (6, 100.0)


def test_an_event_of_one_instance_alone_is_no_breach() -> None:
    rest = instance("dc2").events[1:]
    found = measure_exchange(read(instances=(instance("dc1"), instance("dc2", events=rest))))
    assert (found.distinct_events, found.twin_events, found.breaches) == (3, 2, ())


@pytest.mark.parametrize(
    ("changes", "breach"),
    [
        (
            {"incidents": (*acted("IM"), Action("IM9", COLLECTOR, 2))},
            "1 events with another incident, such as",
        ),
        ({"incidents": acted("IM")[1:]}, "1 events without any incident, such as drill-1/1"),
        ({"runs": (*acted("RUN"), Action("RUN9", COLLECTOR, 3))}, "1 events with another run of a runbook"),
        ({"runs": ()}, "3 events without any run of a runbook"),
        ({"acknowledged": frozenset({("storm", 4)})}, "1 acknowledged events are in neither database, such as storm/4"),
        ({"sessions": 3, "ended_sessions": 2, "moved": True}, "1 of 3 users were not disconnected"),
    ],
)
def test_a_breach_is_seen(changes: dict[str, Any], breach: str) -> None:
    assert any(breach in found for found in measure_exchange(read(**changes)).breaches)


@pytest.mark.parametrize("change", [{"owner": "dc2"}, {"term": 2}, {"incident": "IM7"}, {"run": None}])
def test_instances_that_know_an_event_differently_are_seen(change: dict[str, Any]) -> None:
    other = instance("dc2", shared=(shared(1, **change), shared(2), shared(3)))
    found = measure_exchange(read(instances=(instance("dc1"), other)))
    assert found.unequal_events == 1
    assert "1 events that the instances know differently, such as drill-1/1" in found.breaches


def test_counters_that_differ_are_seen() -> None:
    other = instance("dc2", shared=(shared(1, sightings={"dc2": 1}), shared(2), shared(3)))
    assert "the counters differ: 6, 5" in measure_exchange(read(instances=(instance("dc1"), other))).breaches


def test_a_record_that_is_missing_is_seen() -> None:
    found = measure_exchange(read(instances=(instance("dc1"), instance("dc2", shared=(shared(1), shared(2))))))
    assert found.unequal_events == 1


def test_the_spared_instance_must_not_notice() -> None:
    hit, spared = instance("dc1", spared=False, failed_operations=9), instance("dc2")
    assert measure_exchange(read(instances=(hit, spared))).breaches == ()
    noticed = measure_exchange(read(instances=(hit, replace(spared, failed_operations=1))))
    assert noticed.breaches == ("1 operations failed at an instance that the fault did not touch",)


def test_a_duplicate_incident_fails_a_drill_and_survives_the_document() -> None:
    passed = analyse(record(exchange=read()))
    assert (passed.verdict, passed.exchange and passed.exchange.duplicate_incidents) == ("passed", 0)
    failed = analyse(record(exchange=read(incidents=(*acted("IM"), Action("IM9", COLLECTOR, 1)))))
    assert failed.verdict == "failed"
    assert any("another incident" in reason for reason in failed.reasons)
    assert from_document(to_document(failed)) == failed


def test_two_primaries_within_a_twin_are_seen_and_both_twins_writing_is_not() -> None:
    both = analyse(record(exchange=read()))
    assert both.measured
    assert both.measured.dual_primary_seconds == 0
    rows = (stored(1, 1, 1.1, epoch=1), stored(2, 1, 2.0, dps="dps2", epoch=2), stored(3, 1, 3.0, epoch=1))
    torn = analyse(record(exchange=read(instances=(instance("dc1", events=rows), instance("dc2")))))
    assert torn.measured
    assert torn.measured.dual_primary_seconds == 1.0
    assert torn.verdict == "failed"


def test_an_event_counts_by_its_better_twin() -> None:
    one = [
        operation(n, float(n), outcome, kind="collect") for n, outcome in enumerate(("ok", "fail", "unknown", "fail"))
    ]
    other = [operation(n, n + 0.2, outcome, kind="collect") for n, outcome in enumerate(("fail", "ok", "fail", "fail"))]
    users = [operation(0, 1.0)]
    both = merged([History(COLLECTOR, (*one, *users), 1), History(COLLECTOR, (*other, *users), 0)])
    assert [op.outcome for op in both.of("collect")] == ["ok", "ok", "unknown", "fail"]
    assert (len(both.of("user")), both.truncated_lines) == (2, 1)


def test_an_event_is_processed_when_the_first_twin_has_it() -> None:
    rows = [stored(1, 1, 5.0, dps="dc1-dps1"), stored(1, 1, 3.0, dps="dc2-dps1"), stored(2, 1, 4.0)]
    assert [(row.seq, row.processed_at) for row in earliest(rows)] == [(1, 3.0), (2, 4.0)]
