import pytest

from redlab.measure.history import Operation
from redlab.measure.steady_state import percentile, unsteady_reasons
from redlab.measure.windows import window_of
from tests.support.unit.samples import operation

STEADY = [operation(n, 96 + n / 10) for n in range(60)]


def reasons(operations: list[Operation], rate: float = 10.0) -> tuple[str, ...]:
    return unsteady_reasons("user", operations, fault_at=100.0, steady_seconds=3.0, rate_per_second=rate)


def test_percentile_is_the_nearest_rank() -> None:
    assert [percentile([15, 20, 35, 40, 50], p) for p in (5, 30, 40, 50, 100)] == [15, 20, 20, 35, 50]
    with pytest.raises(ValueError, match="no percentile"):
        percentile([], 50)


def test_steady_is_steady() -> None:
    assert reasons(STEADY) == ()


def test_what_the_fault_may_have_touched_is_not_judged() -> None:
    assert reasons([*STEADY[:39], operation(39, 99.9, "fail", latency=0.5)]) == ()


def test_silence_a_failure_slowness_and_a_wrong_rate_are_named() -> None:
    assert reasons([]) == ("user: no operation ended in the 3 s before the fault",)
    failed = [*STEADY[:35], operation(35, 99.5, "fail"), *STEADY[36:]]
    assert reasons(failed) == ("user: 1 of 30 operations failed before the fault",)
    slow = [operation(n, 96 + n / 10, latency=1.5) for n in range(60)]
    assert reasons(slow) == ("user: p99 1.500 s before the fault, limit 1 s",)
    assert reasons(STEADY, rate=20.0) == ("user: 10.0 operations/s offered before the fault, 20 requested",)


def test_a_window_sums_up_what_was_due_in_it() -> None:
    operations = [
        operation(0, 1.0, latency=0.1),
        operation(1, 1.5, latency=0.3),
        operation(2, 2.0, "fail"),
        operation(3, 2.5, "unknown"),
        operation(4, 3.0),
    ]
    window = window_of(operations, 1.0, 3.0)
    assert (window.ok, window.fail, window.unknown, window.ok_per_second) == (2, 1, 1, 1.0)
    assert window.latency_p50_seconds == pytest.approx(0.1)
    assert window.latency_p99_seconds == pytest.approx(0.3)


def test_an_empty_window_has_no_latency() -> None:
    window = window_of([], 3.0, 3.0)
    assert (window.seconds, window.ok_per_second, window.latency_p50_seconds) == (0.0, 0.0, None)
