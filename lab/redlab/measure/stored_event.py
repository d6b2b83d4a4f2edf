"""One row of the final read of a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of the table `events`, or of a table of metrics or topology; times in seconds of CLOCK_MONOTONIC."""

    collector: str
    seq: int
    gateway: str
    accepted_at: float
    processed_at: float
    dps: str
    epoch: int

    @property
    def key(self) -> tuple[str, int]:
        """The event's identity: its collector and sequence number."""
        return (self.collector, self.seq)

    @property
    def lag_seconds(self) -> float:
        """Seconds from the gateway's acceptance to the commit by the DPS."""
        return self.processed_at - self.accepted_at
