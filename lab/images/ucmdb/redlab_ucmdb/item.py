"""Configuration items, and the rule by which stores with different versions of an item agree. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

from redlab_node.configuration_item import attributes_mistake, identity_mistake

Key: TypeAlias = tuple[str, str]

_NAMESPACE = uuid.UUID("6f0f2a35-9d0b-4bd5-9b4c-1f5a53f7a1c2")


class InvalidItemError(ValueError):
    """The input is no configuration item; the message gives the reason."""


@dataclass(frozen=True)
class Item:
    """One configuration item; in every store, type and name identify it.

    ``attributes``: None for a deleted item (a tombstone is kept, so that the deletion reaches every store).
    ``version``: one more than the version that the write replaced (a Lamport clock).   ``origin``: the store that was
    written to.   ``global_id``: assigned by the master only, None before that.
    """

    type: str
    name: str
    attributes: Mapping[str, Any] | None
    version: int
    origin: str
    global_id: str | None = None

    @property
    def key(self) -> Key:
        """The item's identity."""
        return self.type, self.name

    def document(self) -> dict[str, Any]:
        """Return the item as a JSON document."""
        return asdict(self)


def parse(document: object) -> Item:
    """Parse an item. Raises InvalidItemError."""
    try:
        item = Item(**document)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidItemError("an item has type, name, attributes, version, origin and global_id") from None
    check_name(item.type, item.name)
    check_attributes(item.attributes, may_be_deleted=True)
    if type(item.version) is not int or not 1 <= item.version < 2**62:
        raise InvalidItemError(f"version {item.version!r} is no whole number from 1")
    if not isinstance(item.origin, str) or not (item.global_id is None or isinstance(item.global_id, str)):
        raise InvalidItemError("origin is the name of a store, global_id a text or null")
    return item


def check_name(item_type: object, name: object) -> None:
    """Raise InvalidItemError unless type and name can identify an item."""
    if mistake := identity_mistake(item_type, name):
        raise InvalidItemError(mistake)


def check_attributes(attributes: object, *, may_be_deleted: bool = False) -> None:
    """Raise InvalidItemError unless these are valid attributes."""
    if mistake := attributes_mistake(attributes, may_be_deleted=may_be_deleted):
        raise InvalidItemError(mistake)


def merged(held: Item, incoming: Item, master: str) -> Item:
    """Return a store's item after it has held ``held`` and received ``incoming``; their order makes no difference.

    The higher version wins. Between equal versions, the one from the UCMDB ``master`` wins, otherwise the one whose
    origin has the later name. A deletion is a version like any other. The global id is independent of this: an existing
    one stays; of two, which only a second master could have assigned, the lesser stays.
    """
    winner = max(held, incoming, key=lambda item: _rank(item, master))
    ids = [one.global_id for one in (held, incoming) if one.global_id]
    return replace(winner, global_id=min(ids, default=None))


def changes(held: Mapping[Key, Item], incoming: Iterable[Item], master: str, *, gives_ids: bool = False) -> list[Item]:
    """Return the items that a store with ``held`` has to write for ``incoming``: none that it already knows.

    This ends every loop of updates. ``gives_ids``: the store is the master, which assigns missing global ids.
    """
    known = dict(held)
    for item in incoming:
        mine = known.get(item.key)
        found = merged(mine, item, master) if mine else item
        if gives_ids and found.global_id is None:
            found = replace(found, global_id=_global_id(item.key))
        known[item.key] = found
    return [item for key, item in known.items() if item != held.get(key)]


def _global_id(key: Key) -> str:
    """Return the id derived from the identity: a master that was created anew assigns it again."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(key)))


def _rank(item: Item, master: str) -> tuple[int, bool, str, str]:
    # The last element decides only when a store was created anew and counts from the beginning.
    return item.version, item.origin == master, item.origin, json.dumps(item.attributes, sort_keys=True)
