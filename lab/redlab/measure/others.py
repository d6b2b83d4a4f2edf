"""Acknowledged data outside a drill's own load: items waiting in the gateways, and items of the lab's own collectors.

A drill that counts only its own load misses the loss of all other data.
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
    """One acknowledged event, metric or topology item."""

    kind: ItemKind
    collector: str
    seq: int

    @classmethod
    def of(cls, kind: str, collector: str, seq: int) -> Item:
        """Return an item; ``kind`` is spelled as in docs/contract/gateway.md."""
        return cls(cast("ItemKind", kind), collector, seq)


@dataclass(frozen=True, slots=True)
class OtherData:
    """Counts of events, metrics and topology items outside the drill's own load."""

    held: int = field(metadata=said("Items that waited in the gateways when the drill began.", least=0))
    acknowledged: int = field(
        metadata=said("Items that the lab's own collectors got a 200 for since they were last started.", least=0)
    )
    lost: int = field(metadata=said("Items of both groups that are neither in a database nor set aside.", least=0))
    lost_sample: tuple[str, ...] = field(metadata=said("Some of the lost items: collector/seq."))


def told(operations: Iterable[Operation], since: float, until: float) -> frozenset[Item]:
    """Return the items that a collector got a `200` for between two instants (monotonic seconds)."""
    return frozenset(
        Item(kind, op.collector_id, seq)
        for op in operations
        if op.outcome == "ok" and since <= op.completed <= until
        for kind in ITEM_KINDS
        for seq in op.numbers(kind)
    )


def account(held: Collection[Item], acknowledged: Collection[Item], accounted: Collection[Item]) -> OtherData:
    """Count the items outside the load. Those that are not ``accounted`` (stored, or set aside) are lost."""
    lost = sorted({*held, *acknowledged} - set(accounted))
    return OtherData(
        len(held), len(acknowledged), len(lost), tuple(f"{one.collector}/{one.seq}" for one in lost[:SAMPLE])
    )
