"""The disk is watched while something is measured: a sync that takes long is a stall, others are not."""

from __future__ import annotations

import errno
import threading

import pytest

from redlab.measure.stall import STALL_SECONDS
from redlab.probes.disk_watch import DiskWatch
from redlab.waiting import until


def test_a_sync_that_takes_long_is_a_stall() -> None:
    synced = threading.Event()
    takes_seconds = iter([STALL_SECONDS - 0.05, STALL_SECONDS + 0.05])
    now = 100.0

    def sync(_file: int) -> None:
        nonlocal now
        seconds = next(takes_seconds, None)
        if seconds is None:
            synced.set()
        else:
            now += seconds

    with DiskWatch(sync, lambda: now, every_seconds=0.01) as disk:
        assert synced.wait(10)
    (stall,) = disk.stalls
    assert stall.seconds == pytest.approx(STALL_SECONDS + 0.05)
    assert stall.at == pytest.approx(100 + STALL_SECONDS - 0.05)


@pytest.mark.filterwarnings("error")
def test_a_disk_that_is_full_ends_the_watch_alone() -> None:
    calls: list[int] = []

    def sync(file: int) -> None:
        calls.append(file)
        raise OSError(errno.ENOSPC, "No space left on device")

    with DiskWatch(sync, every_seconds=0.01) as disk:
        assert until(lambda: calls, 10)
    assert (len(calls), disk.stalls) == (1, [])
