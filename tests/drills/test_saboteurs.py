"""Each checker of a drill turns red: the drill is real, what it finds is tampered with.

One drill is run and passes; then the database is sabotaged, read again, and judged again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from redlab import engine
from redlab.control.lab import Laboratory
from redlab.drills import scenarios
from redlab.drills.assembly import assemble
from redlab.drills.load_settings import LoadSettings
from redlab.drills.runner import Drill
from redlab.faults import node_fault
from redlab.measure.analysis import analyse
from redlab.measure.result import DrillResult
from redlab.probes import other_data
from redlab.probes.stored_events import TABLES

pytestmark = pytest.mark.pulumi

Judge = Callable[[], DrillResult]


def silent(_: str) -> None:
    """Say nothing."""


def sql(lab: Laboratory, statement: str, name: str = "event") -> None:
    (database,) = lab.inventory.of_role("database")
    engine.execute(
        database, ["psql", "-X", "-q", "-U", "postgres", "-d", name, "-v", "ON_ERROR_STOP=1", "-c", statement]
    )


@pytest.fixture(scope="module")
def drill(ha_lab: Laboratory) -> Drill:
    """A drill that has run: the active DPS was killed, the other took over."""
    run = Drill(ha_lab, scenarios.find("dps-crash", "HighAvailability"), LoadSettings(), silent)
    run.run()
    return run


@pytest.fixture
def judged_again(ha_lab: Laboratory, drill: Drill) -> Iterator[Judge]:
    """Read and judge again; afterwards the events are what they were before the test."""

    def judge() -> DrillResult:
        drill.final_read()
        return analyse(assemble(drill.record, ha_lab.inventory))

    sql(ha_lab, "CREATE TABLE untouched AS SELECT * FROM events")
    yield judge
    sql(
        ha_lab,
        # What other collectors have put in meanwhile stays.
        "BEGIN; DELETE FROM events USING untouched AS was WHERE events.collector = was.collector AND "
        "events.seq = was.seq; INSERT INTO events SELECT * FROM untouched; DROP TABLE untouched; "
        "ALTER TABLE events DROP CONSTRAINT IF EXISTS events_pkey; "
        "ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY (collector, seq); COMMIT",
    )


def test_untouched_it_passes(judged_again: Judge) -> None:
    result = judged_again()
    assert result.verdict == "passed", result.reasons


def test_a_dropped_acknowledged_row_is_a_loss(ha_lab: Laboratory, drill: Drill, judged_again: Judge) -> None:
    assert drill.record.history is not None
    sent = next(op for op in drill.record.history.of("collect") if op.outcome == "ok")
    sql(ha_lab, f"DELETE FROM events WHERE collector = '{drill.record.drill_id}' AND seq = {sent.first_seq}")
    result = judged_again()
    assert result.verdict == "failed"
    assert result.measured is not None
    assert result.measured.lost_events == 1


def test_a_dropped_row_of_another_collector_is_a_loss(ha_lab: Laboratory, drill: Drill, judged_again: Judge) -> None:
    """The drill's own load lost nothing: what the lab's own collector was told is safe counts as well."""
    record = drill.record
    told = other_data.acknowledged(ha_lab.inventory, record.watched_since, record.load_stopped_at or 0.0)
    dropped = next(item for item in sorted(told) if item.kind == "event")
    assert len(told) > 5
    assert dropped.collector != record.drill_id
    sql(ha_lab, f"DELETE FROM events WHERE collector = '{dropped.collector}' AND seq = {dropped.seq}")
    result = judged_again()
    assert result.verdict == "failed"
    lost = f"({dropped.collector}/{dropped.seq})"
    assert result.reasons == (f"0 acknowledged events and 1 others {lost} lost, objective 0",)


@pytest.mark.parametrize("kind", ["metric", "topology"])
def test_a_dropped_metric_or_topology_item_is_a_loss(ha_lab: Laboratory, drill: Drill, kind: str) -> None:
    name, table = TABLES[kind]
    mine = f"SELECT ctid FROM {table} WHERE collector = '{drill.record.drill_id}' LIMIT 1"
    sql(ha_lab, f"CREATE TABLE dropped AS {mine.replace('ctid', '*')}; DELETE FROM {table} WHERE ctid = ({mine})", name)
    drill.final_read()
    result = analyse(assemble(drill.record, ha_lab.inventory))
    sql(ha_lab, f"INSERT INTO {table} SELECT * FROM dropped; DROP TABLE dropped", name)
    assert result.verdict == "failed"
    assert result.measured is not None
    assert {one.kind: one.lost for one in result.measured.kinds} == {"event": 0, "metric": 0, "topology": 0, kind: 1}
    assert result.reasons == (f"1 acknowledged events lost ({kind} 1), objective 0",)


def test_a_row_stored_twice_is_a_duplicate(
    ha_lab: Laboratory, drill: Drill, judged_again: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is written into a table that has lost its key, so the queues cannot drain meanwhile.
    monkeypatch.setattr("redlab.drills.final_read.DRAIN_SECONDS", 1)
    sql(
        ha_lab,
        "ALTER TABLE events DROP CONSTRAINT events_pkey; "
        f"INSERT INTO events SELECT * FROM events WHERE collector = '{drill.record.drill_id}' LIMIT 1",
    )
    result = judged_again()
    assert result.verdict == "failed"
    assert result.measured is not None
    assert result.measured.duplicate_events == 1


def test_skipped_fencing_is_a_dual_primary(ha_lab: Laboratory, drill: Drill, judged_again: Judge) -> None:
    """The old holder writes half a second after the new one has begun: what a missing epoch check would allow."""
    old, new = drill.record.epoch_before, drill.record.epoch_before + 1
    sql(
        ha_lab,
        f"UPDATE events SET epoch = {old}, dps = '{drill.record.target}' WHERE ctid = (SELECT ctid FROM events "
        f"WHERE collector = '{drill.record.drill_id}' AND epoch = {new} AND processed_at > (SELECT min(processed_at) "
        f"FROM events WHERE epoch = {new}) + interval '0.5 s' ORDER BY processed_at LIMIT 1)",
    )
    result = judged_again()
    assert result.verdict == "failed"
    assert result.measured is not None
    assert result.measured.dual_primary_seconds > 0.5


def test_a_fault_that_did_not_land_aborts(ha_lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = replace(node_fault.KINDS["crash"], prepare=lambda container: lambda: None)
    monkeypatch.setitem(node_fault.KINDS, "crash", nothing)
    record = Drill(ha_lab, scenarios.find("gateway-crash", "HighAvailability"), LoadSettings(), silent).run()
    result = analyse(assemble(record, ha_lab.inventory))
    assert result.verdict == "aborted"
    assert any("did not land" in reason for reason in result.reasons)


def test_failing_load_aborts(ha_lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that cannot be offered proves nothing: here no operation has the time to end."""
    monkeypatch.setattr("redlab.drills.runner.STEADY_DEADLINE_SECONDS", 6)
    record = Drill(
        ha_lab, scenarios.find("gateway-crash", "HighAvailability"), LoadSettings(timeout_seconds=0.0001), silent
    ).run()
    result = analyse(assemble(record, ha_lab.inventory))
    assert result.verdict == "aborted"
    assert any("no steady state" in reason for reason in result.reasons)
