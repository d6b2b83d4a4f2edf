"""Wall clock to monotonic clock of the same machine, for the times that databases and logs give."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Clock:
    """The difference of the two clocks, taken once for a drill."""

    offset_seconds: float

    @classmethod
    def now(cls) -> Clock:
        """Take the difference; good to some microseconds, as long as nobody sets the clock during the drill."""
        return cls(time.time() - time.monotonic())

    def monotonic(self, wall: float) -> float:
        """Return the CLOCK_MONOTONIC seconds of a Unix time."""
        return wall - self.offset_seconds

    def monotonic_of(self, timestamp: str) -> float:
        """Return the CLOCK_MONOTONIC seconds of an RFC 3339 timestamp, such as the engine's logs have."""
        # The engine writes nanoseconds, Python reads microseconds.
        seconds, _, rest = timestamp.removesuffix("Z").partition(".")
        return self.monotonic(datetime.fromisoformat(f"{seconds}.{rest[:6]:0<6}+00:00").timestamp())
