"""What was lost in replication, against how far the standby was behind when the fault was made."""

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
    """One reading, just before a fault; events are those of the drill's load, with its metrics and its topology.

    `read_at`: when it began, monotonic seconds.   `queued_events`: in gateways, not in a database yet.
    `events`, `bytes`: in production's database and not in the standby's.
    """

    read_at: float
    queued_events: int
    events: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ReplicationLoss:
    """What of an asynchronous replication's lag was lost."""

    lag_events: int = field(
        metadata=said(
            "Events of the load in production's database and not in the standby's. Never less was missing"
            " than is lost of what was acknowledged before."
        )
    )
    lag_bytes: int = field(metadata=said("The same of the write-ahead log.", least=0))
    queued_events: int = field(metadata=said("Events in gateways, in no database yet.", least=0))
    lost_events_before: int = field(
        metadata=said(
            "Lost of those acknowledged before the reading; more than lag_events and queued_events "
            "together fails the drill.",
            least=0,
        )
    )
    lost_events_since: int = field(
        metadata=said("Lost of those acknowledged between the reading and the end of the former production.", least=0)
    )

    @property
    def breaches(self) -> tuple[str, ...]:
        """That more was lost than can have been under way: an event that the standby had, or that nobody kept."""
        allowed = self.lag_events + self.queued_events
        if self.lost_events_before <= allowed:
            return ()
        return (
            f"{self.lost_events_before} events that were acknowledged before the fault are lost, but only {allowed} "
            "were not replicated yet",
        )


def measure_replication_loss(lag: Lag, operations: Collection[Operation], stored: Collection[Key]) -> ReplicationLoss:
    """Compare what of the load was acknowledged, of every kind, with what is ``stored``."""
    lost = [at for kind in ITEM_KINDS for key, at in acknowledgements(operations, kind).items() if key not in stored]
    before = sum(at < lag.read_at for at in lost)
    return ReplicationLoss(lag.events, lag.bytes, lag.queued_events, before, len(lost) - before)
