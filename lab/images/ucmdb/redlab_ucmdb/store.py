"""The operations of every topology store: this UCMDB's, another UCMDB's, or an instance's RTSM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from redlab_ucmdb.item import Item


class UnreachableError(Exception):
    """The store does not answer, or refuses; the message gives the reason."""


class StandsByError(Exception):
    """The store belongs to a standby instance: its items are only copies."""


@dataclass(frozen=True)
class Cursor:
    """A target's position in the changes of a source.

    ``source_id``: the source's id.   ``scope``: the target's id and the filter. If either differs, because a store was
    created anew or the filter was changed, the transfer starts from the beginning.
    """

    source: str
    target: str
    source_id: str = ""
    scope: str = ""
    position: int = 0


@dataclass(frozen=True)
class Batch:
    """Changes of the store ``store_id`` in the order of their numbers: all up to ``position`` that pass the filter."""

    store_id: str
    items: tuple[Item, ...]
    position: int


class Store(Protocol):
    """One store; every operation raises UnreachableError, and takes no longer than a few seconds."""

    async def identity(self) -> str:
        """Return the store's id, assigned at its creation."""

    async def changes(self, cursor: Cursor, item_types: Sequence[str], limit: int) -> Batch:
        """Return the next changes after a cursor, of some types (all if none are given). Raises StandsByError."""

    async def merge(self, items: Sequence[Item], cursor: Cursor | None) -> int:
        """Merge items, and keep the cursor in the same transaction; return the number of changed items."""

    async def cursor(self, source: str, target: str) -> Cursor:
        """Return the store's cursor for an integration, or one at the beginning."""

    async def advance(self, cursor: Cursor) -> None:
        """Keep a cursor."""

    async def items(self, item_types: Sequence[str]) -> list[Item]:
        """Return the store's items without deleted ones. Raises StandsByError."""
