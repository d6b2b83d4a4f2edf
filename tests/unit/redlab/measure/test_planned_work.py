"""Planned work that somebody notices before its switchover is a breach; its switchover alone is judged by its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.history import History
from redlab.measure.record import DrillRecord
from tests.support.unit.samples import record


def of_an_upgrade(*failing: str) -> DrillRecord:
    """A drill whose work began 2 s before its switchover; an operation of each of these kinds fails in between."""
    made = record()
    assert made.timeline is not None
    switchover_at = made.timeline.fault_at
    began_at = switchover_at - 2.0
    histories = []
    for history in made.histories:
        operations, left = [], list(failing)
        for op in history.operations:
            if op.kind in left and began_at < op.scheduled and op.completed < switchover_at:
                left.remove(op.kind)
                operations.append(replace(op, outcome="fail"))
            else:
                operations.append(op)
        histories.append(History(history.collector_id, tuple(operations), history.truncated_lines))
    return replace(made, histories=tuple(histories), work_began_at=began_at)


def test_work_that_nobody_notices_passes() -> None:
    result = analyse(of_an_upgrade())
    assert (result.verdict, result.reasons) == ("passed", ())


@pytest.mark.parametrize(("kind", "service"), [("user", "user"), ("collect", "collection")])
def test_a_gateway_that_was_not_waited_for_is_seen(kind: str, service: str) -> None:
    """What an upgrade whose check is skipped comes to: the next node goes before the one before serves again."""
    result = analyse(of_an_upgrade(kind))
    assert result.verdict == "failed"
    (reason,) = [reason for reason in result.reasons if reason.startswith(f"{service}: 1 of ")]
    assert reason.endswith("operations failed while nodes were replaced")
