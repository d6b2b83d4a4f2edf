"""Configuration items, and the rule by which two stores that know different versions of one agree. Pure."""

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
    """What was given is no configuration item; the message says why."""


@dataclass(frozen=True)
class Item:
    """One configuration item: its identity is type and name, in every store.

    ``attributes``: None, it was deleted (a tombstone is kept, so that the deletion reaches every store).
    ``version``: one more than that of what the write replaced (Lamport's clock).   ``origin``: the store that was
    written to.   ``global_id``: given by the master alone, None until it has.
    """

    type: str
    name: str
    attributes: Mapping[str, Any] | None
    version: int
    origin: str
    global_id: str | None = None

    @property
    def key(self) -> Key:
        """The identity."""
        return self.type, self.name

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def parse(document: object) -> Item:
    """Read an item. Raises InvalidItemError."""
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
    """Raise InvalidItemError unless these may be the identity of an item."""
    if mistake := identity_mistake(item_type, name):
        raise InvalidItemError(mistake)


def check_attributes(attributes: object, *, may_be_deleted: bool = False) -> None:
    """Raise InvalidItemError unless these are attributes."""
    if mistake := attributes_mistake(attributes, may_be_deleted=may_be_deleted):
        raise InvalidItemError(mistake)


def merged(held: Item, incoming: Item, master: str) -> Item:
    """Return what a store holds that knew ``held`` and is told ``incoming``; the same in whichever order they come.

    The higher version wins; of two of the same version that of the UCMDB called ``master``, else that of the origin
    whose name comes later. A deletion is a version like any other. The global id is not a part of that: the one that is
    there stays; of two, which only another master would have given, the lesser.
    """
    winner = max(held, incoming, key=lambda item: _rank(item, master))
    ids = [one.global_id for one in (held, incoming) if one.global_id]
    return replace(winner, global_id=min(ids, default=None))


def changes(held: Mapping[Key, Item], incoming: Iterable[Item], master: str, *, gives_ids: bool = False) -> list[Item]:
    """Return what a store that holds ``held`` has to write when it is told ``incoming``: nothing that it knows already.

    That is what ends every loop of updates. ``gives_ids``: it is the master, which gives each item an id that has none.
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
    """Made from the identity, so that a master that was made anew gives the same again."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(key)))


def _rank(item: Item, master: str) -> tuple[int, bool, str, str]:
    # The last part only decides when a store was made anew and counts from the beginning again.
    return item.version, item.origin == master, item.origin, json.dumps(item.attributes, sort_keys=True)
