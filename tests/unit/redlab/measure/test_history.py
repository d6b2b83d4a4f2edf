import json
from typing import Any

import pytest

from redlab.measure.history import HistoryError, parse_history

LINE: dict[str, Any] = {
    "op": "collect", "n": 3, "events": 2, "scheduled": 12.3, "sent": 12.4, "completed": 12.9,
    "outcome": "ok", "status": 200, "node": "gw1", "detail": "",
}  # fmt: skip


def line(**changes: Any) -> str:
    return json.dumps({**LINE, **changes}) + "\n"


def test_an_operation_knows_its_latency_and_its_sequence_numbers() -> None:
    (op,) = parse_history([line()], collector_id="c", first_seq=100).operations
    assert op.latency_seconds == pytest.approx(0.6)
    assert op.sequence_numbers == range(106, 108)


def test_a_user_sends_no_events() -> None:
    (op,) = parse_history([line(op="user", events=0)], collector_id="c").operations
    assert list(op.sequence_numbers) == []


def test_operations_of_a_kind_come_by_scheduled_time() -> None:
    history = parse_history([line(n=2, scheduled=2.0), line(n=1, scheduled=1.0)], collector_id="c")
    assert [op.n for op in history.of("collect")] == [1, 2]
    assert history.of("user") == ()


def test_a_cut_off_last_line_is_counted() -> None:
    history = parse_history([line(), line()[:40]], collector_id="c")
    assert (len(history.operations), history.truncated_lines) == (1, 1)


def test_a_whole_last_line_without_newline_counts_as_an_operation() -> None:
    history = parse_history([line().rstrip()], collector_id="c")
    assert (len(history.operations), history.truncated_lines) == (1, 0)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["rubbish\n", line()], "line 1: not JSON"),
        (["[" * 9000 + "\n"], "line 1: not JSON"),
        (["9" * 5000 + "\n"], "line 1: not JSON"),
        ([line(), "rubbish\n"], "line 2: not JSON"),
        ([line()[:40], line()], "line 1: not JSON"),
        ([line(), "[]\n"], "line 2: expected an object, found list"),
        ([line(op="steal")], "line 1: op must be one of collect, user"),
        ([line(outcome="perhaps")], "line 1: outcome must be one of"),
        ([line(n=-1)], "line 1: n must be a whole number from 0"),
        ([line(n=True)], "line 1: n must be a whole number"),
        ([line(events=0)], "line 1: events must be a whole number from 1"),
        ([line(scheduled=None)], "line 1: scheduled must be seconds"),
        ([line(sent=float("nan"))], "line 1: not JSON"),
        ([line(completed=1.0)], "line 1: completed (1.0) is before sent (12.4)"),
    ],
)
def test_rubbish_is_refused_with_its_line_number(lines: list[str], message: str) -> None:
    with pytest.raises(HistoryError) as caught:
        parse_history(lines, collector_id="c")
    assert str(caught.value).startswith(message)
