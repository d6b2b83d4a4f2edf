"""The time of a step."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(step: Callable[[], object]) -> float:
    """Return the seconds that ``step`` took, by the monotonic clock."""
    start = time.monotonic()
    step()
    return time.monotonic() - start
