"""Waiting for a condition with a deadline, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def until(condition: Callable[[], Answer | None], seconds: float, interval_seconds: float = 0.1) -> Answer | None:
    """Return the first true answer of ``condition``, or None when there was none within ``seconds``.

    The condition is always tried once more after the deadline, so that a slow machine is not blamed on the lab.
    """
    deadline = time.monotonic() + seconds
    while True:
        late = time.monotonic() >= deadline
        answer = condition()
        if answer:
            return answer
        if late:
            return None
        time.sleep(interval_seconds)
