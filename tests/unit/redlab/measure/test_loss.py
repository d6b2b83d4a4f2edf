from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from redlab.measure.history import Operation, Outcome
from redlab.measure.loss import KindRecord, measure_loss, together
from tests.support.unit.samples import operation, stored


def collect(n: int, outcome: Outcome = "ok") -> Operation:
    """Due at 100 + n, answered 0.01 s later; sends sequence number n + 1."""
    return operation(n, 100.0 + n, outcome, kind="collect")


def test_every_kind_of_event_is_counted_once() -> None:
    operations = [collect(0), collect(1), collect(2), collect(3, "unknown"), collect(4, "fail"), collect(5, "unknown")]
    events = [
        stored(1, 100, 100.1),
        stored(2, 101, 130.0),  # acknowledged by a gateway that then died, committed when it was back
        stored(4, 103, 103.1),
        stored(5, 104, 104.1),
        stored(5, 104, 104.2),
        stored(99, 104, 104.2),
    ]
    loss = measure_loss(operations, events, read_at=150.0, down_gateways={"gw1"}, reachable_again_at=120.0)
    assert (loss.acknowledged_events, loss.stored_events, loss.recovered_events, loss.lost_events) == (3, 1, 1, 1)
    assert loss.oldest_lost_age_seconds == 150.0 - 102.01
    assert loss.lost_sample == ("drill-1/3",)
    assert (loss.unknown_but_present_events, loss.refused_but_present_events) == (1, 1)
    assert (loss.duplicate_events, loss.never_sent_events) == (1, 1)


def test_every_event_of_a_batch_counts() -> None:
    batch = replace(collect(0), events=3)
    loss = measure_loss([batch], [stored(2, 100, 100.1)], read_at=150.0)
    assert (loss.acknowledged_events, loss.stored_events, loss.lost_events) == (3, 1, 2)
    assert loss.lost_sample == ("drill-1/1", "drill-1/3")


def test_rows_of_other_collectors_are_left_alone() -> None:
    loss = measure_loss([collect(0)], [stored(1, 100, 101), replace(stored(7, 100, 101), collector="x")], read_at=150.0)
    assert (loss.never_sent_events, loss.duplicate_events, loss.stored_events) == (0, 0, 1)


def test_only_some_of_the_lost_are_named() -> None:
    loss = measure_loss([collect(n) for n in range(30)], [], read_at=150.0)
    assert (loss.lost_events, len(loss.lost_sample)) == (30, 10)


@given(
    st.lists(st.sampled_from(["ok", "fail", "unknown"]), max_size=20),
    st.lists(st.tuples(st.integers(1, 25), st.floats(100, 200), st.booleans()), max_size=40),
)
def test_loss_partitions_what_was_acknowledged(outcomes: list[Outcome], rows: list[tuple[int, float, bool]]) -> None:
    operations = [collect(n, outcome) for n, outcome in enumerate(outcomes)]
    events = [replace(stored(seq, 100, at), gateway="gw1" if down else "gw2") for seq, at, down in rows]
    loss = measure_loss(operations, events, read_at=300.0, down_gateways={"gw1"}, reachable_again_at=150.0)
    assert loss.acknowledged_events == outcomes.count("ok")
    assert loss.acknowledged_events == loss.stored_events + loss.recovered_events + loss.lost_events
    assert min(loss.stored_events, loss.recovered_events, loss.lost_events) >= 0
    assert (loss.oldest_lost_age_seconds is None) == (loss.lost_events == 0)


def mixed(outcome: Outcome = "ok") -> Operation:
    """Numbers 1 to 5: two events, a metric, and what is said of the items 0 and 1."""
    return replace(collect(0, outcome), events=5, kinds="eem01")


def test_each_kind_is_held_against_its_own_rows() -> None:
    losses = {
        kind: measure_loss([mixed()], [stored(seq, 100, 101) for seq in seqs], read_at=150.0, kind=kind)
        for kind, seqs in (("event", (1, 2)), ("metric", ()), ("topology", (4, 4)))
    }
    assert [loss.acknowledged_events for loss in losses.values()] == [2, 1, 2]
    assert [loss.lost_events for loss in losses.values()] == [0, 1, 1]
    assert losses["metric"].lost_sample == ("drill-1/3",)
    assert losses["topology"].duplicate_events == 1
    every = together(list(losses.values()))
    assert (every.acknowledged_events, every.lost_events, every.duplicate_events) == (5, 2, 1)


def test_a_metric_that_is_stored_as_an_event_is_no_metric() -> None:
    loss = measure_loss([mixed()], [stored(seq, 100, 101) for seq in (1, 2, 3)], read_at=150.0)
    assert (loss.lost_events, loss.never_sent_events) == (0, 1)
    assert measure_loss([mixed()], [], read_at=150.0, kind="metric").lost_events == 1


def test_what_was_said_of_an_item_counts_as_long_as_its_state_is_that_or_later() -> None:
    says = [replace(collect(n), kinds="0") for n in range(4)]  # the numbers 1 to 4, all of item 0
    for last, lost in ((4, 0), (3, 1), (1, 3), (-1, 4)):
        one = KindRecord("topology", tuple(says), (), {"0": last})
        loss = measure_loss(says, one.rows, read_at=150.0, kind="topology", covered=one.covered)
        assert loss.lost_events == lost
    # Where every item has a row, no state makes up for one.
    assert KindRecord("topology", tuple(says), (), {}).covered == set()
