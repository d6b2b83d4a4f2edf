"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def until(condition: Callable[[], Answer | None], seconds: float, interval_seconds: float = 0.1) -> Answer | None:
    """Return the first true answer of ``condition``, or None if there is none within ``seconds``.

    The condition is evaluated once more after the deadline: a slow machine must not look like a fault of the lab.
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


def while_moving(
    condition: Callable[[], Answer | None],
    progress: Callable[[], object],
    seconds: float,
    interval_seconds: float = 0.25,
) -> Answer | None:
    """Return the first true answer of ``condition``, or None once ``progress`` has not changed for ``seconds``.

    For a transfer whose duration depends on a link: the wait lasts as long as the transfer makes progress.
    """
    last, moved_at = progress(), time.monotonic()
    while True:
        late = time.monotonic() >= moved_at + seconds
        answer = condition()
        if answer:
            return answer
        said = progress()
        if said != last:
            last, moved_at = said, time.monotonic()
        elif late:
            return None
        time.sleep(interval_seconds)
