"""What was told to be safe beside a drill's own load: what waited in the gateways, what other collectors sent.

A drill that counts its own collector alone passes over anybody else's lost data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

from redlab.measure.history import ITEM_KINDS, ItemKind
from redlab.measure.loss import SAMPLE
from redlab.measure.said import said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from redlab.measure.history import Operation


class Item(NamedTuple):
    """One thing that a collector was told is safe."""

    kind: ItemKind
    collector: str
    seq: int

    @classmethod
    def of(cls, kind: str, collector: str, seq: int) -> Item:
        """Return the item of a kind as gateways call it (docs/contract/gateway.md)."""
        return cls(cast("ItemKind", kind), collector, seq)


@dataclass(frozen=True, slots=True)
class OtherData:
    """Counts of events, metrics and topology items that are not of the drill's own load."""

    held: int = field(metadata=said("They waited in the gateways when the drill began.", least=0))
    acknowledged: int = field(
        metadata=said("The lab's own collectors got their 200 for them since they were last started.", least=0)
    )
    lost: int = field(metadata=said("Of both: in no database at the end, and not set aside.", least=0))
    lost_sample: tuple[str, ...] = field(metadata=said("Some of these: collector/seq."))


def told(operations: Iterable[Operation], since: float, until: float) -> frozenset[Item]:
    """Return the items for which a collector got its `200` between two instants (monotonic seconds)."""
    return frozenset(
        Item(kind, op.collector_id, seq)
        for op in operations
        if op.outcome == "ok" and since <= op.completed <= until
        for kind in ITEM_KINDS
        for seq in op.numbers(kind)
    )


def account(held: Collection[Item], acknowledged: Collection[Item], accounted: Collection[Item]) -> OtherData:
    """Hold what was told to be safe against what is in the final reads, or was set aside."""
    lost = sorted({*held, *acknowledged} - set(accounted))
    return OtherData(
        len(held), len(acknowledged), len(lost), tuple(f"{one.collector}/{one.seq}" for one in lost[:SAMPLE])
    )
