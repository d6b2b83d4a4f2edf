"""One row of the final read of a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the database holds it (table `events`); times turned into seconds of CLOCK_MONOTONIC."""

    collector: str
    seq: int
    gateway: str
    accepted_at: float
    processed_at: float
    dps: str
    epoch: int

    @property
    def key(self) -> tuple[str, int]:
        """What identifies the event: its collector and sequence number."""
        return (self.collector, self.seq)

    @property
    def lag_seconds(self) -> float:
        """Seconds from the gateway's acceptance to the commit by the DPS."""
        return self.processed_at - self.accepted_at
