"""Data that is not of the drill's load: whatever anybody was told is safe is held against the ledger."""

from __future__ import annotations

from dataclasses import replace

from redlab.measure.analysis import analyse
from redlab.measure.others import Item, OtherData, account, told
from tests.support.unit.samples import operation, record

HELD = {Item("event", "stranger", 7), Item("metric", "stranger", 8)}


def test_a_collector_was_told_what_was_acknowledged_meanwhile() -> None:
    kinds = {1: "e", 2: "m", 3: "0"}
    operations = [replace(operation(n - 1, 99.0 + n, kind="collect"), kinds=sign) for n, sign in kinds.items()]
    operations += [operation(3, 101.0, "unknown", kind="collect"), operation(4, 101.0, "fail", kind="collect")]
    operations += [operation(5, 90.0, kind="collect"), operation(6, 120.0, kind="collect"), operation(7, 101.0)]
    assert told(operations, since=100.0, until=110.0) == {
        Item("event", "drill-1", 1), Item("metric", "drill-1", 2), Item("topology", "drill-1", 3)
    }  # fmt: skip


def test_what_is_in_no_ledger_is_lost_whoever_sent_it() -> None:
    acknowledged = {Item("event", "collector1", seq) for seq in range(20)}
    assert account(HELD, acknowledged, {*HELD, *acknowledged}) == OtherData(2, 20, 0, ())
    # A metric of that number is no event of that number.
    stored = {*acknowledged, Item("metric", "stranger", 7), Item("metric", "stranger", 8)}
    assert account(HELD, acknowledged, stored) == OtherData(2, 20, 1, ("stranger/7",))
    assert account(HELD, acknowledged, HELD).lost_sample == tuple(f"collector1/{seq}" for seq in range(10))


def test_a_drill_that_lost_nothing_of_its_own_fails_over_what_others_lost() -> None:
    result = analyse(record(other_data=OtherData(131, 15, 131, ("stranger/1",))))
    assert result.verdict == "failed"
    assert result.reasons == ("0 acknowledged events and 131 others (stranger/1) lost, objective 0",)
