"""Data lost in replication, compared with the standby's lag at the fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redlab.measure.history import ITEM_KINDS
from redlab.measure.loss import acknowledgements
from redlab.measure.said import said

if TYPE_CHECKING:
    from collections.abc import Collection

    from redlab.measure.history import Operation
    from redlab.measure.loss import Key


@dataclass(frozen=True, slots=True)
class Lag:
    """The standby's lag, read just before a fault. Events are all items of the drill's load, of every kind.

    `read_at`: begin of the reading, monotonic seconds.   `queued_events`: in gateways, and in no database yet.
    `events`, `bytes`: in production's database, and not in the standby's.
    """

    read_at: float
    queued_events: int
    events: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ReplicationLoss:
    """The loss of an asynchronous replication, and the lag that bounds it."""

    lag_events: int = field(
        metadata=said(
            "Events of the load in production's database and not in the standby's. Together with queued_events an "
            "upper bound of lost_events_before."
        )
    )
    lag_bytes: int = field(
        metadata=said("Bytes of the write-ahead log that production has and the standby lacks.", least=0)
    )
    queued_events: int = field(metadata=said("Events in gateways, in no database yet.", least=0))
    lost_events_before: int = field(
        metadata=said(
            "Lost events that were acknowledged before the reading. The drill fails if they are more than lag_events "
            "plus queued_events.",
            least=0,
        )
    )
    lost_events_since: int = field(metadata=said("Lost events that were acknowledged after the reading.", least=0))

    @property
    def breaches(self) -> tuple[str, ...]:
        """A breach if more events are lost than were queued or not yet replicated."""
        allowed = self.lag_events + self.queued_events
        if self.lost_events_before <= allowed:
            return ()
        return (
            f"{self.lost_events_before} events that were acknowledged before the fault are lost, but only {allowed} "
            "had not been replicated",
        )


def measure_replication_loss(lag: Lag, operations: Collection[Operation], stored: Collection[Key]) -> ReplicationLoss:
    """Compare the load's acknowledged items of every kind with the ``stored`` ones."""
    lost = [at for kind in ITEM_KINDS for key, at in acknowledgements(operations, kind).items() if key not in stored]
    before = sum(at < lag.read_at for at in lost)
    return ReplicationLoss(lag.events, lag.bytes, lag.queued_events, before, len(lost) - before)
