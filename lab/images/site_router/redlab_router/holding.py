"""Holds the packets of one direction for its delay. Each direction has a process of its own: none waits for another."""

import ctypes
import os
import random
import select
import signal
import time
from collections import deque
from multiprocessing.sharedctypes import Synchronized

_PR_SET_TIMERSLACK, _PR_SET_PDEATHSIG, _SIGKILL = 29, 1, 9
_OVERHEAD_SECONDS = 0.0003
"""The average time through the device and this process, measured; it counts as part of the delay."""
_PACKET_BYTES = 65536 + 10  # the header before each packet
_BURST_PACKETS = 64
QUEUE_PACKETS = 20000


def due_at(now: float, last_due: float, delay_seconds: float, jitter_seconds: float) -> float:
    """Return when a packet that arrives now is released: never before the one ahead of it."""
    wait = delay_seconds + (random.uniform(0, jitter_seconds) if jitter_seconds else 0.0)  # noqa: S311 - a delay, no secret
    return max(last_due, now + max(0.0, wait - _OVERHEAD_SECONDS))


def hold(descriptor: int, delay: "Synchronized[float]", jitter: "Synchronized[float]") -> None:
    """Run until killed. ``delay`` and ``jitter`` are seconds, and may change at any time."""
    # With the router's handler, inherited, this process would not end, and the router would wait for it.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    libc = ctypes.CDLL(None)
    # The kernel would round waits to 50 µs. And this process must not outlive the router.
    libc.prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    waiting: deque[tuple[float, bytes]] = deque()
    last_due = 0.0
    read, write, monotonic = os.read, os.write, time.monotonic
    while True:
        timeout = max(0.0, waiting[0][0] - monotonic()) if waiting else None
        select.select([descriptor], [], [], timeout)
        for _ in range(_BURST_PACKETS):
            try:
                packet = read(descriptor, _PACKET_BYTES)
            except BlockingIOError:
                break
            if len(waiting) < QUEUE_PACKETS:
                last_due = due_at(monotonic(), last_due, delay.value, jitter.value)
                waiting.append((last_due, packet))
        now = monotonic()
        while waiting and waiting[0][0] <= now:
            try:
                write(descriptor, waiting.popleft()[1])
            except OSError:  # the way out is cut or gone: the packet is lost, as on a real link
                continue
