"""An event that both twin instances receive: what each knows of it, and the rule that makes them agree. Pure.

A record only grows: by a sighting, an owner of a later term, a performed action. Two records of one event therefore
merge to one result, in any order and any number of times (docs/adr/0008).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

Key: TypeAlias = tuple[str, int]
Contents: TypeAlias = Mapping[Key, Mapping[str, Any]]
"""The contents of events: gateway, accepted_at (Unix seconds), data."""


class Deed(NamedTuple):
    """A performed action: its number, and the instance that requested it first."""

    number: str
    requested_by: str | None


@dataclass(frozen=True)
class SharedEvent:
    """One event, identified in both instances by the collector and the collector's number.

    ``owner``: the instance that acts upon it.   ``term``: the number of owners so far (1: the instance that saw it
    first). ``sightings``: how often each instance has seen it.   ``incident``, ``run``: the numbers of the actions of
    Service Manager and Operations Orchestration, None until performed; they form the event's custom attribute.
    ``version``: of this instance's record, raised by each change.   ``told``: the last version that the other instance
    has confirmed. ``alerts``: by instance that has seen it, the alerts to fire according to that instance's
    configuration. ``incident_by``: the instance that requested the incident first, according to Service Manager; it
    fires the alerts.
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
        """The event's identity."""
        return self.collector, self.seq

    @property
    def cma(self) -> str:
        """The event's key at Service Manager and Operations Orchestration, which act once for each key."""
        return f"{quote(self.collector, safe='')}/{self.seq}"

    @property
    def counter(self) -> int:
        """The number of sightings by both instances."""
        return sum(self.sightings.values())

    @property
    def acted(self) -> bool:
        """True when all actions are done."""
        return self.incident is not None and self.run is not None

    def message(self) -> dict[str, Any]:
        """Return the message to the other instance: the record without this instance's own bookkeeping."""
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
    """Parse a message of the other instance. Raises KeyError, TypeError or ValueError if it is no event."""
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
    """Return the event's content from a message, None if the message has none. Raises as :func:`parse` does."""
    content = message.get("content")
    if content is None:
        return None
    return {
        "gateway": str(content["gateway"]),
        "accepted_at": float(content["accepted_at"]),
        "data": dict(content["data"]),
    }


def seen(held: SharedEvent | None, key: Key, instance: str, alerts: Sequence[str] = ()) -> SharedEvent:
    """Record an instance's sighting: the instance acquires an event that is new to it; otherwise it only counts.

    ``alerts``: those to fire according to the instance's configuration.
    """
    mine = {instance: sorted(alerts)} if alerts else {}
    if held is None:
        return SharedEvent(*key, owner=instance, term=1, sightings={instance: 1}, alerts=mine)
    sightings = {**held.sightings, instance: held.sightings.get(instance, 0) + 1}
    return _changed(held, replace(held, sightings=sightings, alerts=_all(held.alerts, mine)))


def merged(held: SharedEvent | None, told: SharedEvent) -> SharedEvent:
    """Return an instance's record after it has held ``held`` and received ``told``.

    The owner with the later term wins. If both have one term, because both saw the event first, the first name wins.
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
    # The other instance knows what it has sent: only a difference is sent back.
    return replace(after, told=after.version) if after.message() == told.message() else after


def taken_over(held: SharedEvent, instance: str) -> SharedEvent:
    """Let an instance act for a silent owner: it becomes the owner, with the next term."""
    if held.owner == instance:
        return held
    return _changed(held, replace(held, owner=instance, term=held.term + 1))


def acted(held: SharedEvent, *, incident: Deed | None = None, run: Deed | None = None) -> SharedEvent:
    """Record performed actions."""
    after = replace(held, run=_either(held.run, run and run.number))
    if incident:
        first = _either(held.incident, incident.number)
        by = _requester(first, (held.incident, held.incident_by), incident)
        after = replace(after, incident=first, incident_by=by)
    return _changed(held, after)


def fires(event: SharedEvent, instance: str) -> list[str]:
    """Return the alerts that an instance fires for an event: only the instance with the incident fires any.

    Service Manager assigns an event's incident to one instance, even if both request it without hearing of each other:
    an alert therefore fires once. An instance judges an event that it has seen by its own configuration. For an event
    that only another instance has seen, it fires the alerts which that one found.
    """
    if event.incident_by != instance:
        return []
    judges = [instance] if event.sightings.get(instance) else list(event.alerts)
    return sorted({name for judge in judges for name in event.alerts.get(judge, ())})


def confirmed(held: SharedEvent, version: int) -> SharedEvent:
    """Record that the other instance has received a version of this record."""
    return replace(held, told=max(held.told, version))


def to_act_upon(events: Iterable[SharedEvent], instance: str, *, peer_silent: bool) -> list[SharedEvent]:
    """Return the events that an instance has to act upon now, taken over if their owner is silent.

    It acts upon its own event only after the other instance's confirmation: the other one may have seen it first.
    """
    return [
        taken_over(event, instance)
        for event in events
        if not event.acted and (peer_silent or (event.owner == instance and event.told > 0))
    ]


def _requester(incident: str | None, *claims: tuple[str | None, str | None]) -> str | None:
    """Return the requester of an incident, from the claims (incident, requester) about that incident."""
    one, other = (by if known == incident else None for known, by in claims)
    return _either(one, other)


def _all(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the names that either argument has, by instance."""
    if not other:  # true for nearly every event
        return dict(one)
    return {instance: sorted({*one.get(instance, ()), *other.get(instance, ())}) for instance in {*one, *other}}


def _changed(held: SharedEvent, after: SharedEvent) -> SharedEvent:
    """Raise the version if anything is new; unchanged versions end every exchange."""
    return after if after == held else replace(after, version=held.version + 1)


def _either(one: str | None, other: str | None) -> str | None:
    # Two different numbers would be two actions upon one event, which the custom attribute prevents.
    return min((action for action in (one, other) if action is not None), default=None)
