"""Lost data (RPO): the load's acknowledgements compared with the final read of every database, for each kind."""

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
"""How many lost events a result names."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Counts of items of one kind: events, metrics or topology items.

    `acknowledged_events` = `stored_events` + `recovered_events` + `lost_events`.

    acknowledged_events: the collector got a `200` for them.
    stored_events: acknowledged, and in the final read without having been stranded.
    recovered_events: acknowledged, stranded on the disk of a node that was down, and committed when it was back.
    lost_events: acknowledged, and missing from the final read.
    oldest_lost_age_seconds: from the acknowledgement of the oldest lost item to the final read; None without a loss.
    unknown_but_present_events: sent without an answer, but stored (allowed).
    refused_but_present_events: refused by the gateway, but stored (a breach of the contract).
    duplicate_events: rows beyond the first with the same collector and sequence number.
    never_sent_events: stored under a load's identity, but never sent by that load.
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
    """The final read of one instance's metrics or topology, with the operations that sent them.

    `operations`: everything that the collectors sent to the instance.   `rows`: the final read.   `said`: for each
    configuration item, the latest sequence number that its state in the RTSM reflects; empty if every item has a row.
    """

    kind: ItemKind
    operations: tuple[Operation, ...]
    rows: tuple[StoredEvent, ...]
    said: Mapping[str, int]

    @property
    def covered(self) -> set[Key]:
        """The topology items that the RTSM reflects: by their own state, or a later one of the configuration item."""
        return {
            (op.collector_id, seq)
            for op in self.operations
            for seq, item in op.configuration_items.items()
            if self.said and seq <= self.said.get(item, -1)
        }


def acknowledgements(operations: Iterable[Operation], kind: ItemKind = "event") -> dict[Key, float]:
    """Return the instant (monotonic seconds) of the acknowledgement of each acknowledged item of a kind."""
    return {(op.collector_id, seq): op.completed for op in operations if op.outcome == "ok" for seq in op.numbers(kind)}


def together(losses: Collection[Loss]) -> Loss:
    """Return the sum of several losses; the age is that of the oldest lost item."""
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

    `down_gateways`: the nodes whose disk the fault made unreachable until `reachable_again_at`.   `kind`: the kind of
    items that are counted; `events` are its rows.   `covered`: items that are stored without a row of their own. Rows
    of collectors without an operation (the lab's own collectors) are ignored.
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
