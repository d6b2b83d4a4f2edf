"""What every store of topology can do: a UCMDB of one's own, another one, or the RTSM of an instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from redlab_ucmdb.item import Item


class UnreachableError(Exception):
    """The store does not answer, or refuses; the message says what."""


class StandsByError(Exception):
    """The store belongs to an instance that stands by: what it holds is what it was told."""


@dataclass(frozen=True)
class Cursor:
    """How far a target has come with the changes of a source.

    ``source_id``: that of the source itself.   ``scope``: the target's id and the filter. Where one of them is another,
    as a store was made anew or a filter was changed, everything is told from the beginning.
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
        """Return the id that it was given when it was made."""

    async def changes(self, cursor: Cursor, item_types: Sequence[str], limit: int) -> Batch:
        """Return the next changes after a cursor, of some types (all if there is none). Raises StandsByError."""

    async def merge(self, items: Sequence[Item], cursor: Cursor | None) -> int:
        """Take items in, and the cursor in the same transaction; returns how many of its own items changed."""

    async def cursor(self, source: str, target: str) -> Cursor:
        """Return the cursor it keeps for an integration; at the beginning if it has none."""

    async def advance(self, cursor: Cursor) -> None:
        """Keep a cursor."""

    async def items(self, item_types: Sequence[str]) -> list[Item]:
        """Return what it holds and has not been deleted. Raises StandsByError."""
