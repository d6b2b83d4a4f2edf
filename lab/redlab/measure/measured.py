"""The figures of one drill, and the objectives they are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab.measure.loss import together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redlab.measure.history import ItemKind
    from redlab.measure.loss import Loss
    from redlab.measure.outage import Recovery
    from redlab.measure.primaries import DualPrimary


@dataclass(frozen=True, slots=True)
class Objectives:
    """What the topology promises: longest outage in seconds, and most acknowledged events lost."""

    rto_seconds: float
    rpo_events: int


@dataclass(frozen=True, slots=True)
class KindCounts:
    """What became of the events, of the metrics, or of the topology; the counts are those of :class:`Loss`."""

    kind: ItemKind
    acknowledged: int
    stored: int
    recovered: int
    lost: int
    duplicate: int
    unknown_but_present: int
    refused_but_present: int
    never_sent: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a drill measured. A recovery time that is None never ended; `rto_seconds` is the worst of the three.

    `redundancy_restored_seconds`: from the fault's effect until every node was whole again; None: it never was.
    The counts of events are those of `redlab.measure.loss.Loss`, over everything that collectors sent: events, metrics
    and topology; `kinds` has those of each. Results of earlier versions have events alone, and no `kinds`.
    """

    rto_seconds: float | None
    collection_rto_seconds: float | None
    user_rto_seconds: float | None
    processing_rto_seconds: float | None
    acknowledged_events: int
    stored_events: int
    recovered_events: int
    lost_events: int
    oldest_lost_age_seconds: float | None
    duplicate_events: int
    unknown_but_present_events: int
    refused_but_present_events: int
    never_sent_events: int
    dual_primary_seconds: float
    redundancy_restored_seconds: float | None
    kinds: tuple[KindCounts, ...] = ()


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
    """Put the separate measurements together; the pattern's RTO is the worst service's."""
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
