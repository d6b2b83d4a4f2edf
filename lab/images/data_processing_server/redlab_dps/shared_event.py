"""What twin instances know of an event that both take in, and the rule by which they agree. Pure.

A record only grows: a sighting more, an owner of a later term, an action that was done. So two records of one event are
merged the same way in whichever order, and however often, they are told (docs/adr/0008).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import quote

Key: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class SharedEvent:
    """One event: its identity is the collector and the collector's number of it, the same in both instances.

    ``owner``: the instance that acts upon it, ``term``: how many owners it has had (1: whoever saw it first).
    ``sightings``: how often each instance has seen it.   ``incident``, ``run``: its custom attribute: what Service
    Manager and Operations Orchestration did upon it, None until they have.   ``version``: of this instance's record,
    raised by each change, ``told``: the last version that the other instance has confirmed.
    """

    collector: str
    seq: int
    owner: str
    term: int
    sightings: Mapping[str, int]
    incident: str | None = None
    run: str | None = None
    version: int = 1
    told: int = 0

    @property
    def key(self) -> Key:
        """What identifies the event."""
        return self.collector, self.seq

    @property
    def cma(self) -> str:
        """The key by which Service Manager and Operations Orchestration act once: no two events have the same."""
        return f"{quote(self.collector, safe='')}/{self.seq}"

    @property
    def counter(self) -> int:
        """How often it was seen, by both instances."""
        return sum(self.sightings.values())

    @property
    def acted(self) -> bool:
        """Whether everything was done upon it."""
        return self.incident is not None and self.run is not None

    def message(self) -> dict[str, Any]:
        """Return what the other instance is told: all of it but where this instance stands."""
        return {
            "collector": self.collector,
            "seq": self.seq,
            "owner": self.owner,
            "term": self.term,
            "sightings": dict(self.sightings),
            "incident": self.incident,
            "run": self.run,
        }


def parse(message: Mapping[str, Any]) -> SharedEvent:
    """Read what the other instance tells. Raises KeyError, TypeError or ValueError when it is no event."""
    sightings = {str(instance): int(count) for instance, count in dict(message["sightings"]).items()}
    owner, term = str(message["owner"]), int(message["term"])
    incident, run = (None if message[name] is None else str(message[name]) for name in ("incident", "run"))
    return SharedEvent(str(message["collector"]), int(message["seq"]), owner, term, sightings, incident, run)


def seen(held: SharedEvent | None, key: Key, instance: str) -> SharedEvent:
    """An instance has seen an event: it acquires one that nobody told it of, or else only counts."""
    if held is None:
        return SharedEvent(*key, owner=instance, term=1, sightings={instance: 1})
    sightings = {**held.sightings, instance: held.sightings.get(instance, 0) + 1}
    return _changed(held, replace(held, sightings=sightings))


def merged(held: SharedEvent | None, told: SharedEvent) -> SharedEvent:
    """Return what an instance knows that knew ``held`` and is told ``told``.

    The owner of the later term wins; of two of one term, which have both seen it first, the one whose name comes first.
    """
    if held is None:
        return replace(told, version=1, told=1)
    owner, term = min((held.owner, held.term), (told.owner, told.term), key=lambda claim: (-claim[1], claim[0]))
    sightings = {
        instance: max(held.sightings.get(instance, 0), told.sightings.get(instance, 0))
        for instance in {*held.sightings, *told.sightings}
    }
    after = replace(
        held,
        owner=owner,
        term=term,
        sightings=sightings,
        incident=_either(held.incident, told.incident),
        run=_either(held.run, told.run),
    )
    after = _changed(held, after)
    # The other one knows what it has told: only what it does not know yet is told back.
    return replace(after, told=after.version) if after.message() == told.message() else after


def taken_over(held: SharedEvent, instance: str) -> SharedEvent:
    """An instance acts upon an event whose owner is silent: it becomes the owner, of the next term."""
    if held.owner == instance:
        return held
    return _changed(held, replace(held, owner=instance, term=held.term + 1))


def acted(held: SharedEvent, *, incident: str | None = None, run: str | None = None) -> SharedEvent:
    """Something was done upon an event."""
    return _changed(held, replace(held, incident=_either(held.incident, incident), run=_either(held.run, run)))


def confirmed(held: SharedEvent, version: int) -> SharedEvent:
    """The other instance has what this one told it of this version."""
    return replace(held, told=max(held.told, version))


def to_act_upon(events: Iterable[SharedEvent], instance: str, *, peer_silent: bool) -> list[SharedEvent]:
    """Return the events that an instance has to act upon now, taken over where their owner is silent.

    An event of its own it acts upon when the other instance has confirmed it: that may have been first.
    """
    return [
        taken_over(event, instance)
        for event in events
        if not event.acted and (peer_silent or (event.owner == instance and event.told > 0))
    ]


def _changed(held: SharedEvent, after: SharedEvent) -> SharedEvent:
    """Raise the version if there is anything new: that is what ends every loop."""
    return after if after == held else replace(after, version=held.version + 1)


def _either(one: str | None, other: str | None) -> str | None:
    # Two different ones would be two actions upon one event, which the custom attribute forbids.
    return min((action for action in (one, other) if action is not None), default=None)
