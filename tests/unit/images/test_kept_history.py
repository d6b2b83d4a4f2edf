"""A collector records its own trickle in bounded memory; an audit compares the record with the databases."""

from pathlib import Path

from redlab_collector.items import MIX, Measurements
from redlab_collector.kept_history import KeptHistory
from redlab_collector.operation import Kind, Operation, Outcome, Result

from redlab.measure.history import parse_history


def result(n: int, outcome: Outcome = Outcome.OK) -> Result:
    return Result(Operation(Kind.COLLECT, n, 10.0 + n, 1), 10.0 + n, 10.5 + n, outcome, 200, "gw1")


def test_each_line_has_the_number_and_the_kind_of_its_item(tmp_path: Path) -> None:
    kept, items = KeptHistory(tmp_path / "history"), Measurements("collector1")
    first = 1_700_000_000_000_000
    for n in range(10):
        kept.write(result(n, Outcome.OK if n else Outcome.UNKNOWN), first, items.kind(first + n))
    lines = (tmp_path / "history").read_text().splitlines(keepends=True)
    found = parse_history(lines, collector_id="collector1", first_seq=0).operations
    assert [op.first_seq for op in found] == [first + n for n in range(10)]
    assert "".join(op.kinds for op in found) == MIX.replace("t", "0")
    assert [op.outcome for op in found] == ["unknown", *["ok"] * 9]


def test_the_last_operations_are_kept_and_no_more(tmp_path: Path) -> None:
    kept = KeptHistory(tmp_path / "history", limit_bytes=2000)
    for n in range(1000):
        kept.write(result(n), 0, "e")
    files = [tmp_path / "history.before", tmp_path / "history"]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert sum(file.stat().st_size for file in files) < 2 * 2300
    lines = "".join(file.read_text() for file in files).splitlines(keepends=True)
    numbers = [op.first_seq for op in parse_history(lines, collector_id="c", first_seq=0).operations]
    assert numbers == list(range(1000 - len(numbers), 1000))
    assert len(numbers) > 10
