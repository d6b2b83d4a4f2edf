import time

from redlab.probes.clock import Clock


def test_a_timestamp_of_the_engine_is_read() -> None:
    clock = Clock(offset_seconds=1_000_000_000.0)
    # 2001-09-09T01:46:40Z is 1,000,000,000 s after the epoch.
    assert clock.monotonic_of("2001-09-09T01:46:41.250000123Z") == 1.25
    assert clock.monotonic_of("2001-09-09T01:46:41Z") == 1.0


def test_now_relates_both_clocks() -> None:
    before = time.monotonic()
    assert before - 0.1 <= Clock.now().monotonic(time.time()) <= time.monotonic() + 0.1
