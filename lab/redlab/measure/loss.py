"""Lost data (RPO): what the load was told against what the final read of every database holds, for each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from redlab.measure.history import ItemKind, Operation
    from redlab.measure.stored_event import StoredEvent

    Key = tuple[str, int]

SAMPLE = 10
"""How many lost events are named one by one."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Counts of events, or of what has another kind.

    `acknowledged` = `stored_events` + `recovered_events` + `lost_events`.

    acknowledged_events: the collector got its `200` for them.
    stored_events: of those, in the final read without having been stranded.
    recovered_events: of those, stranded on the disk of a node that was down, and committed once it was back.
    lost_events: of those, missing from the final read. Their oldest one's age, in seconds, is its time from the
    acknowledgement to the final read; None when nothing is lost.
    unknown_but_present_events: no answer was seen, yet they are stored (allowed).
    refused_but_present_events: the collector was told no, yet they are stored (a breach of the contract).
    duplicate_events: rows beyond the first of the same collector and sequence number.
    never_sent_events: stored under a load's identity, though that load never sent them.
    """

    acknowledged_events: int
    stored_events: int
    recovered_events: int
    lost_events: int
    oldest_lost_age_seconds: float | None
    lost_sample: tuple[str, ...]
    unknown_but_present_events: int
    refused_but_present_events: int
    duplicate_events: int
    never_sent_events: int


@dataclass(frozen=True, slots=True)
class KindRecord:
    """What became of the metrics, or the topology, of some collectors, in the databases of one instance.

    `operations`: what those collectors sent to it.   `rows`: the final read.   `said`: of each configuration item, up
    to which number its state in the RTSM is what was said of it; empty where every item has a row.
    """

    kind: ItemKind
    operations: tuple[Operation, ...]
    rows: tuple[StoredEvent, ...]
    said: Mapping[str, int]

    @property
    def covered(self) -> set[Key]:
        """The topology items whose effect is there: that state, or what was said later of the same item."""
        return {
            (op.collector_id, seq)
            for op in self.operations
            for seq, item in op.configuration_items.items()
            if self.said and seq <= self.said.get(item, -1)
        }


def acknowledgements(operations: Iterable[Operation], kind: ItemKind = "event") -> dict[Key, float]:
    """Return when the collector got its `200` for each item of a kind that it got one for, monotonic seconds."""
    return {(op.collector_id, seq): op.completed for op in operations if op.outcome == "ok" for seq in op.numbers(kind)}


def together(losses: Collection[Loss]) -> Loss:
    """Return the sums of several."""
    ages = [loss.oldest_lost_age_seconds for loss in losses if loss.oldest_lost_age_seconds is not None]
    return Loss(
        acknowledged_events=sum(loss.acknowledged_events for loss in losses),
        stored_events=sum(loss.stored_events for loss in losses),
        recovered_events=sum(loss.recovered_events for loss in losses),
        lost_events=sum(loss.lost_events for loss in losses),
        oldest_lost_age_seconds=max(ages, default=None),
        lost_sample=tuple(named for loss in losses for named in loss.lost_sample)[:SAMPLE],
        unknown_but_present_events=sum(loss.unknown_but_present_events for loss in losses),
        refused_but_present_events=sum(loss.refused_but_present_events for loss in losses),
        duplicate_events=sum(loss.duplicate_events for loss in losses),
        never_sent_events=sum(loss.never_sent_events for loss in losses),
    )


def measure_loss(
    operations: Collection[Operation],
    events: Iterable[StoredEvent],
    *,
    read_at: float,
    down_gateways: Collection[str] = (),
    reachable_again_at: float | None = None,
    kind: ItemKind = "event",
    covered: Collection[Key] = (),
) -> Loss:
    """Compare the load's `collect` operations with the rows of the final read (made at `read_at`, after healing).

    `down_gateways` are the nodes whose disk the fault made unreachable until `reachable_again_at`. Rows of collectors
    that the operations do not name (their own steady trickle) are left alone.   `kind`: what is counted; `events` are
    its rows.   `covered`: items that are there though they have no row.
    """
    acknowledged = acknowledgements(operations, kind)
    outcomes: dict[str, set[Key]] = {"ok": set(), "fail": set(), "unknown": set()}
    for op in operations:
        outcomes[op.outcome].update((op.collector_id, seq) for seq in op.numbers(kind))
    sent = outcomes["ok"] | outcomes["fail"] | outcomes["unknown"]
    identities = {op.collector_id for op in operations}
    rows = [event for event in events if event.collector in identities]
    copies = Counter(row.key for row in rows)
    lost = sorted(acknowledged.keys() - copies.keys() - set(covered), key=lambda key: (acknowledged[key], key))
    recovered = {
        row.key
        for row in rows
        if reachable_again_at is not None
        and row.gateway in down_gateways
        and acknowledged.get(row.key, float("inf")) < reachable_again_at <= row.processed_at
    }
    return Loss(
        acknowledged_events=len(acknowledged),
        stored_events=len(acknowledged) - len(recovered) - len(lost),
        recovered_events=len(recovered),
        lost_events=len(lost),
        oldest_lost_age_seconds=read_at - acknowledged[lost[0]] if lost else None,
        lost_sample=tuple(f"{collector}/{seq}" for collector, seq in lost[:SAMPLE]),
        unknown_but_present_events=len((outcomes["unknown"] - acknowledged.keys()) & copies.keys()),
        refused_but_present_events=len(
            (outcomes["fail"] - acknowledged.keys() - outcomes["unknown"]) & copies.keys(),
        ),
        duplicate_events=sum(count - 1 for count in copies.values()),
        never_sent_events=len(copies.keys() - sent),
    )
