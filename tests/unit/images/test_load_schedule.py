import itertools

import pytest
from redlab_collector.answer import parse
from redlab_collector.operation import Kind, Outcome
from redlab_collector.schedule import schedule
from redlab_collector.trickle import in_turn


def answer(status: int, node: str = "") -> bytes:
    header = f"X-Redlab-Node: {node}\r\n" if node else ""
    return f"HTTP/1.1 {status} Text\r\n{header}Content-Length: 2\r\n\r\nok".encode()


def test_operations_are_due_at_fixed_times() -> None:
    due = list(schedule(100.0, 2, events_per_second=4, users_per_second=1))
    assert [o.scheduled for o in due if o.kind is Kind.COLLECT] == [100 + n / 4 for n in range(8)]
    assert [o.scheduled for o in due if o.kind is Kind.USER] == [100.0, 101.0]
    assert [o.scheduled for o in due] == sorted(o.scheduled for o in due)


@pytest.mark.parametrize("factor", [1, 2])
def test_twins_give_one_measurement_one_number(factor: int) -> None:
    first, second = ([o.n for o in itertools.islice(in_turn(10.0, number, factor), 20)] for number in (0, 1))
    assert all(later - n == factor for twin in (first, second) for n, later in itertools.pairwise(twin))
    # With a factor of 2 they take turns, and together measure as often as one alone; else both measure each time.
    assert bool(set(first) & set(second)) == (factor == 1)
    assert {n % factor for n in first} == {0}
    assert {n % factor for n in second} == {1 % factor}


def test_a_batch_counts_as_its_events() -> None:
    due = list(schedule(0.0, 10, events_per_second=20, users_per_second=0, batch_events=10))
    assert len(due) == 20
    assert {o.events for o in due} == {10}


@pytest.mark.parametrize(
    ("status", "node", "outcome"),
    [
        (200, "gw1", Outcome.OK),
        (400, "", Outcome.FAIL),
        (503, "gw1", Outcome.FAIL),
        (503, "", Outcome.UNKNOWN),
        (504, "", Outcome.UNKNOWN),
    ],
)
def test_answers_are_classified(status: int, node: str, outcome: Outcome) -> None:
    parsed = parse(answer(status, node), ended=False)
    assert parsed is not None
    assert (parsed.status, parsed.node, parsed.outcome) == (status, node, outcome)


def test_an_answer_is_read_in_pieces() -> None:
    whole = answer(200)
    assert all(parse(whole[:n], ended=False) is None for n in range(len(whole)))


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\n", answer(200)[:-1], b"SSH-2.0\r\n\r\n"])
def test_a_cut_or_foreign_answer_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="answer"):
        parse(data, ended=True)
