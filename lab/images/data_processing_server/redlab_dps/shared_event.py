"""What twin instances know of an event that both take in, and the rule by which they agree. Pure.

A record only grows: a sighting more, an owner of a later term, an action that was done. So two records of one event are
merged the same way in whichever order, and however often, they are told (docs/adr/0008).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

Key: TypeAlias = tuple[str, int]
Contents: TypeAlias = Mapping[Key, Mapping[str, Any]]
"""What events say: gateway, accepted_at (Unix seconds), data."""


class Deed(NamedTuple):
    """What was done upon an event: its number, and the instance that was the first to ask for it."""

    number: str
    requested_by: str | None


@dataclass(frozen=True)
class SharedEvent:
    """One event: its identity is the collector and the collector's number of it, the same in both instances.

    ``owner``: the instance that acts upon it, ``term``: how many owners it has had (1: whoever saw it first).
    ``sightings``: how often each instance has seen it.   ``incident``, ``run``: its custom attribute: what Service
    Manager and Operations Orchestration did upon it, None until they have.   ``version``: of this instance's record,
    raised by each change, ``told``: the last version that the other instance has confirmed.   ``alerts``: by instance
    that has seen it, those that it is to fire for by what that one is configured with.   ``incident_by``: the instance
    that was the first to ask for the incident, as Service Manager says; it fires the alerts.
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
    alerts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    incident_by: str | None = None

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
            "alerts": {instance: list(names) for instance, names in self.alerts.items()},
            "incident_by": self.incident_by,
        }


def parse(message: Mapping[str, Any]) -> SharedEvent:
    """Read what the other instance tells. Raises KeyError, TypeError or ValueError when it is no event."""
    sightings = {str(instance): int(count) for instance, count in dict(message["sightings"]).items()}
    owner, term = str(message["owner"]), int(message["term"])
    incident, run = (None if message[name] is None else str(message[name]) for name in ("incident", "run"))
    alerts = {str(instance): [str(name) for name in names] for instance, names in message.get("alerts", {}).items()}
    by = message.get("incident_by")
    return SharedEvent(
        *(str(message["collector"]), int(message["seq"]), owner, term, sightings, incident, run),
        alerts=alerts,
        incident_by=None if by is None else str(by),
    )


def content_of(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Read what a message says of an event itself, None if it does not. Raises as :func:`parse` does."""
    content = message.get("content")
    if content is None:
        return None
    return {
        "gateway": str(content["gateway"]),
        "accepted_at": float(content["accepted_at"]),
        "data": dict(content["data"]),
    }


def seen(held: SharedEvent | None, key: Key, instance: str, alerts: Sequence[str] = ()) -> SharedEvent:
    """An instance has seen an event: it acquires one that nobody told it of, or else only counts.

    ``alerts``: those that the event is to fire by what the instance is configured with.
    """
    mine = {instance: sorted(alerts)} if alerts else {}
    if held is None:
        return SharedEvent(*key, owner=instance, term=1, sightings={instance: 1}, alerts=mine)
    sightings = {**held.sightings, instance: held.sightings.get(instance, 0) + 1}
    return _changed(held, replace(held, sightings=sightings, alerts=_all(held.alerts, mine)))


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
    incident = _either(held.incident, told.incident)
    after = replace(
        held,
        owner=owner,
        term=term,
        sightings=sightings,
        incident=incident,
        run=_either(held.run, told.run),
        alerts=_all(held.alerts, told.alerts),
        incident_by=_requester(incident, (held.incident, held.incident_by), (told.incident, told.incident_by)),
    )
    after = _changed(held, after)
    # The other one knows what it has told: only what it does not know yet is told back.
    return replace(after, told=after.version) if after.message() == told.message() else after


def taken_over(held: SharedEvent, instance: str) -> SharedEvent:
    """An instance acts upon an event whose owner is silent: it becomes the owner, of the next term."""
    if held.owner == instance:
        return held
    return _changed(held, replace(held, owner=instance, term=held.term + 1))


def acted(held: SharedEvent, *, incident: Deed | None = None, run: Deed | None = None) -> SharedEvent:
    """Something was done upon an event."""
    after = replace(held, run=_either(held.run, run and run.number))
    if incident:
        first = _either(held.incident, incident.number)
        by = _requester(first, (held.incident, held.incident_by), incident)
        after = replace(after, incident=first, incident_by=by)
    return _changed(held, after)


def fires(event: SharedEvent, instance: str) -> list[str]:
    """Return the alerts that an instance fires for an event: only the one whose incident it is fires any.

    Service Manager gives an event's incident to one instance, also when both ask while they do not hear of each other:
    so an alert fires once. What an instance has seen itself it judges by its own configuration; acting for another one
    upon what only that one has seen, it fires what that one found.
    """
    if event.incident_by != instance:
        return []
    judges = [instance] if event.sightings.get(instance) else list(event.alerts)
    return sorted({name for judge in judges for name in event.alerts.get(judge, ())})


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


def _requester(incident: str | None, *claims: tuple[str | None, str | None]) -> str | None:
    """Return who asked for an incident, as far as one of two claims, incident and who asked for it, knows."""
    one, other = (by if known == incident else None for known, by in claims)
    return _either(one, other)


def _all(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the names that either has, by instance."""
    if not other:  # as with nearly every event
        return dict(one)
    return {instance: sorted({*one.get(instance, ()), *other.get(instance, ())}) for instance in {*one, *other}}


def _changed(held: SharedEvent, after: SharedEvent) -> SharedEvent:
    """Raise the version if there is anything new: that is what ends every loop."""
    return after if after == held else replace(after, version=held.version + 1)


def _either(one: str | None, other: str | None) -> str | None:
    # Two different ones would be two actions upon one event, which the custom attribute forbids.
    return min((action for action in (one, other) if action is not None), default=None)
