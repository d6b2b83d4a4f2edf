import pytest

from redlab.measure.outage import Recovery
from redlab.measure.processing import measure_processing_recovery
from redlab.measure.stored_event import StoredEvent
from tests.support.unit.samples import stored


def commits(start: float, end: float) -> list[StoredEvent]:
    """One event every 0.1 s, committed 0.05 s after it was accepted."""
    return [stored(0, start + n / 10, start + n / 10 + 0.05) for n in range(round((end - start) * 10))]


def measured(events: list[StoredEvent], *, end: float = 110.0, heal_at: float | None = None) -> Recovery:
    return measure_processing_recovery(events, fault_at=100.0, load_ended_at=end, heal_at=heal_at)


def test_undisturbed_commits_are_no_outage() -> None:
    recovery = measured(commits(100, 110))
    assert recovery.rto_seconds == pytest.approx(0.05)
    assert recovery.outages == ()


def test_a_stall_ends_with_the_first_commit() -> None:
    backlog = [stored(0, 100 + n / 10, 103.0) for n in range(30)]
    recovery = measured([*backlog, *commits(103, 110)])
    assert recovery.rto_seconds == pytest.approx(3.0)
    assert recovery.slowest_seconds == pytest.approx(3.0)


def test_events_accepted_before_the_fault_are_not_counted() -> None:
    assert measured([stored(0, 99.0, 109.0), *commits(100, 110)]).rto_seconds == pytest.approx(0.05)


def test_no_commits_without_events_waiting_are_no_outage() -> None:
    assert measured([*commits(100, 102), *commits(106, 110)]).outages == ()


def test_a_short_run_of_commits_is_part_of_the_stall() -> None:
    events = [stored(0, 100.0, 103.0), stored(0, 100.0, 103.5), stored(0, 103.0, 106.0), *commits(106, 110)]
    recovery = measured(events)
    assert len(recovery.outages) == 1
    assert recovery.rto_seconds == pytest.approx(6.0)


def test_commits_that_stop_before_the_load_does_are_no_recovery() -> None:
    recovery = measured(commits(100, 105))
    assert (recovery.rto_seconds, recovery.recovered) == (None, False)


def test_without_any_commit_nothing_has_recovered() -> None:
    assert measured([]).rto_seconds is None


def test_a_stall_after_the_heal_is_the_heals_doing() -> None:
    backlog = [stored(0, 105 + n / 10, 107.0) for n in range(20)]
    recovery = measured([*commits(100, 105), *backlog, *commits(107, 110)], heal_at=104.9)
    assert recovery.rto_seconds == pytest.approx(0.05)
    assert (len(recovery.heal_disturbances), recovery.recovered) == (1, True)
