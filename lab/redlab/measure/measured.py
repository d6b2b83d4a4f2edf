"""The figures of one drill, and the topology's objectives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redlab.measure.loss import together
from redlab.measure.said import said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redlab.measure.history import ItemKind
    from redlab.measure.loss import Loss
    from redlab.measure.outage import Recovery
    from redlab.measure.primaries import DualPrimary


@dataclass(frozen=True, slots=True)
class Objectives:
    """The topology's objectives: the longest outage, and how many acknowledged events may be lost."""

    rto_seconds: float = field(metadata=said("Longest outage.", above=0))
    rpo_events: int = field(metadata=said("Acknowledged events that may be lost.", least=0))


@dataclass(frozen=True, slots=True)
class KindCounts:
    """The counts of one kind of items: events, metrics or topology. They are those of :class:`Loss`."""

    kind: ItemKind = field(metadata=said("The kind of items."))
    acknowledged: int = field(metadata=said("The collector got its acknowledgement.", least=0, label="acknowledged"))
    stored: int = field(
        metadata=said("Acknowledged, and in the final read without having been stranded.", least=0, label="stored")
    )
    recovered: int = field(
        metadata=said(
            "Acknowledged, stranded on a dead node's disk, and committed when it was back.",
            least=0,
            label="recovered",
        )
    )
    lost: int = field(
        metadata=said(
            "Acknowledged, and missing from the final read (events: database event, metrics: profile, topology: rtsm).",
            least=0,
            label="lost",
            wrong=True,
        )
    )
    duplicate: int = field(
        metadata=said(
            "Rows beyond the first with the same collector and sequence number.",
            least=0,
            label="duplicate",
            wrong=True,
        )
    )
    unknown_but_present: int = field(metadata=said("Sent without an answer, but stored: allowed.", least=0))
    refused_but_present: int = field(metadata=said("Refused by the gateway, but stored.", least=0))
    never_sent: int = field(
        metadata=said(
            "Stored under the load's identity, but never sent by it, or sent as another kind.",
            least=0,
            label="never sent",
            wrong=True,
        )
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures that a drill measured. A recovery time of None: the service never recovered."""

    rto_seconds: float | None = field(
        metadata=said("Recovery time of the pattern: the longest of the three services', from the fault's effect.")
    )
    collection_rto_seconds: float | None = field(metadata=said("Recovery time of collection."))
    user_rto_seconds: float | None = field(metadata=said("Recovery time of the user service."))
    processing_rto_seconds: float | None = field(metadata=said("Recovery time of processing."))
    acknowledged_events: int = field(
        metadata=said(
            "Events, metrics and topology items whose collector got its acknowledgement. All counts here cover the "
            "three kinds; the field kinds has the counts of each.",
            least=0,
            label="acknowledged",
            meaning="a gateway confirmed them to their collector",
        )
    )
    stored_events: int = field(
        metadata=said(
            "Acknowledged, and in the final read without having been stranded.",
            least=0,
            label="stored",
            meaning="acknowledged, and in the databases at the final read",
        )
    )
    recovered_events: int = field(
        metadata=said(
            "Acknowledged, stranded on a dead node's disk, and committed when it was back.",
            least=0,
            label="recovered",
            meaning="acknowledged, stranded on a dead node's disk, committed later",
        )
    )
    lost_events: int = field(
        metadata=said(
            "Acknowledged, and missing from the final read.",
            least=0,
            label="lost",
            meaning="acknowledged, and missing from the final read",
            wrong=True,
        )
    )
    oldest_lost_age_seconds: float | None = field(
        metadata=said(
            "Age of the oldest lost event at the final read; null when nothing is lost.",
            label="age of the oldest lost event",
            none="–",
        )
    )
    duplicate_events: int = field(
        metadata=said(
            "Rows beyond the first with the same collector and sequence number.",
            least=0,
            label="duplicate",
            meaning="stored more than once",
            wrong=True,
        )
    )
    never_sent_events: int = field(
        metadata=said(
            "Stored under the load's identity, but never sent by it.",
            least=0,
            label="never sent",
            meaning="stored, but never sent",
            wrong=True,
        )
    )
    refused_but_present_events: int = field(
        metadata=said(
            "Refused by the gateway, but stored.",
            least=0,
            label="refused but present",
            meaning="refused by the gateway, but stored",
        )
    )
    unknown_but_present_events: int = field(
        metadata=said(
            "Sent without an answer, but stored: allowed.",
            least=0,
            label="unknown but present",
            meaning="sent without an answer, but stored: allowed",
        )
    )
    dual_primary_seconds: float = field(
        metadata=said(
            "Time in which the writes of two nodes were accepted. Must be 0.", least=0, label="two primaries at once"
        )
    )
    redundancy_restored_seconds: float | None = field(
        metadata=said(
            "From the fault's effect until every node was ready again; null: never.",
            label="redundancy restored after",
        )
    )
    kinds: tuple[KindCounts, ...] = field(
        default=(),
        metadata=said(
            "The counts of each kind that the load sent; metrics and topology of active-active instances are those of "
            "both. Results of earlier versions lack the field: their loads sent only events.",
            later=True,
        ),
    )


def counts(kind: ItemKind, loss: Loss) -> KindCounts:
    """Return the counts of one kind."""
    return KindCounts(
        kind,
        loss.acknowledged_events,
        loss.stored_events,
        loss.recovered_events,
        loss.lost_events,
        loss.duplicate_events,
        loss.unknown_but_present_events,
        loss.refused_but_present_events,
        loss.never_sent_events,
    )


def combine(
    *,
    collection: Recovery,
    user: Recovery,
    processing: Recovery,
    losses: Mapping[ItemKind, Loss],
    dual_primary: DualPrimary,
    redundancy_restored_seconds: float | None,
) -> Measured:
    """Combine the separate measurements; the pattern's RTO is the longest of the three services'."""
    every = [collection.rto_seconds, user.rto_seconds, processing.rto_seconds]
    loss = together(list(losses.values()))
    known = [seconds for seconds in every if seconds is not None]
    return Measured(
        rto_seconds=max(known) if len(known) == len(every) else None,
        collection_rto_seconds=collection.rto_seconds,
        user_rto_seconds=user.rto_seconds,
        processing_rto_seconds=processing.rto_seconds,
        acknowledged_events=loss.acknowledged_events,
        stored_events=loss.stored_events,
        recovered_events=loss.recovered_events,
        lost_events=loss.lost_events,
        oldest_lost_age_seconds=loss.oldest_lost_age_seconds,
        duplicate_events=loss.duplicate_events,
        unknown_but_present_events=loss.unknown_but_present_events,
        refused_but_present_events=loss.refused_but_present_events,
        never_sent_events=loss.never_sent_events,
        dual_primary_seconds=dual_primary.seconds,
        redundancy_restored_seconds=redundancy_restored_seconds,
        kinds=tuple(counts(kind, one) for kind, one in losses.items()),
    )
