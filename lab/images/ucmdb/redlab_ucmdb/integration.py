"""Integrations: source store, target store, kind, and the UCMDB that runs each. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redlab_node.environment import InvalidEnvironmentError

POPULATION, PUSH, FEDERATION = "population", "push", "federation"
_KINDS = (POPULATION, PUSH, FEDERATION)


@dataclass(frozen=True)
class Integration:
    """A flow of items from one store to another.

    ``kind``: population: the target pulls and keeps the cursor; push: the source sends and keeps the cursor;
    federation: nothing is copied, and the target queries the source for each request.   ``item_types``: the filter,
    empty for all types. An item's type never changes, so the filter never has to remove an item again.
    """

    source: str
    target: str
    kind: str
    item_types: tuple[str, ...]
    interval_seconds: float

    def runs_at(self, ucmdbs: frozenset[str]) -> str:
        """Return the UCMDB that runs the integration: the active end, or the other end if that one is an RTSM."""
        first, second = (self.source, self.target) if self.kind == PUSH else (self.target, self.source)
        return first if first in ucmdbs else second


def is_ucmdb(place: str) -> bool:
    """Tell whether a store's address is that of a UCMDB; any other is a database."""
    return place.startswith(("http://", "https://"))


def parse(text: str, stores: Mapping[str, str]) -> tuple[Integration, ...]:
    """Parse REDLAB_INTEGRATIONS. ``stores``: by name the URL of a UCMDB, or the libpq DSN of an RTSM.

    Raises InvalidEnvironmentError that names the wrong integration and the reason.
    """
    try:
        listed = json.loads(text)
        found = tuple(_read(one) for one in listed)
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidEnvironmentError(f"REDLAB_INTEGRATIONS is no list of integrations: {error!r}") from None
    ucmdbs = frozenset(name for name, place in stores.items() if is_ucmdb(place))
    for one in found:
        way = f"REDLAB_INTEGRATIONS: {one.source} to {one.target}"
        if one.kind not in _KINDS:
            raise InvalidEnvironmentError(f"{way}: type {one.kind!r} is none of {', '.join(_KINDS)}")
        if not {one.source, one.target} <= set(stores) or one.source == one.target:
            raise InvalidEnvironmentError(f"{way}: not two of {', '.join(stores)}")
        if not {one.source, one.target} & ucmdbs:
            raise InvalidEnvironmentError(f"{way}: neither is a UCMDB")
        if one.kind == FEDERATION and one.target not in ucmdbs:
            raise InvalidEnvironmentError(f"{way}: the target of a federation is a UCMDB")
        if not 0 < one.interval_seconds < float("inf"):
            raise InvalidEnvironmentError(f"{way}: intervalSeconds {one.interval_seconds!r} is no positive number")
    return found


def _read(document: Mapping[str, Any]) -> Integration:
    return Integration(
        document["source"],
        document["target"],
        document["type"],
        tuple(document.get("itemTypes") or ()),
        float(document.get("intervalSeconds", 1)),
    )
