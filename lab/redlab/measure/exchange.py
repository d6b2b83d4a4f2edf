"""What twin instances made of the events of a drill: each in a database, acted upon exactly once, counted alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redlab.measure.said import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redlab.measure.primaries import LeaseTerm
    from redlab.measure.stored_event import StoredEvent

    Key = tuple[str, int]

SAMPLE = 5
"""How many events are named one by one."""


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """What an instance knows of an event that it shares.

    `sightings`: by instance, how often it has seen it.   `incident`, `run`: what was done upon it, None: nothing yet.
    """

    collector: str
    seq: int
    owner: str
    term: int
    sightings: Mapping[str, int]
    incident: str | None
    run: str | None

    @property
    def key(self) -> Key:
        """What identifies the event."""
        return self.collector, self.seq


@dataclass(frozen=True, slots=True)
class Action:
    """An incident, or a run of a runbook: its number and the event that it belongs to."""

    number: str
    collector: str
    seq: int

    @property
    def key(self) -> Key:
        """What identifies the event."""
        return self.collector, self.seq


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """What one of two twin instances holds in the end, of the events of a drill.

    `failed_operations`: those of its own collector that were not taken in.   `spared`: whether the fault did not touch
    its way from the collector to the queue, so that none may have failed.
    """

    site: str
    events: tuple[StoredEvent, ...]
    terms: tuple[LeaseTerm, ...]
    shared: tuple[SharedRecord, ...]
    failed_operations: int
    spared: bool


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """The final read of twin instances and of the service desk that they share.

    `acknowledged`: events beside those of the load (of which the loss is measured) that collectors got a `200` for.
    `sessions`: of users who were logged in at the fault, and `ended_sessions` those that were disconnected; `moved`:
    whether all of them had to be.   `link_bytes`: what the instances told each other in the drill.
    """

    instances: tuple[InstanceRecord, ...]
    incidents: tuple[Action, ...]
    runs: tuple[Action, ...]
    acknowledged: frozenset[Key] = frozenset()
    sessions: int = 0
    ended_sessions: int = 0
    moved: bool = False
    link_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of the events' exchange."""

    distinct_events: int = field(metadata=said("Events of the drill in at least one database.", least=0))
    twin_events: int = field(metadata=said("Those in both.", least=0))
    incidents: int = field(metadata=said("Incidents in Service Manager.", least=0))
    duplicate_incidents: int = field(metadata=said("Beyond the first for one event; must be 0.", least=0))
    missing_incidents: int = field(metadata=said("Events without one; must be 0.", least=0))
    runs: int = field(metadata=said("Runs of runbooks in Operations Orchestration.", least=0))
    duplicate_runs: int = field(metadata=said("Beyond the first for one event; must be 0.", least=0))
    missing_runs: int = field(metadata=said("Events without one; must be 0.", least=0))
    unequal_events: int = field(
        metadata=said(
            "Events that the instances know differently (owner, counters, incident, run); must be 0.", least=0
        )
    )
    counter: int = field(metadata=said("Sightings of all events, as both instances count them.", least=0))
    taken_over_events: int = field(metadata=said("Events whose ownership has passed.", least=0))
    failed_operations_of_the_spared: int = field(
        metadata=said(
            "Collectors' operations that failed at an instance that the fault did not touch; must be 0.", least=0
        )
    )
    sessions: int = field(metadata=said("Users who were logged in at the fault.", least=0))
    ended_sessions: int = field(metadata=said("Those of them who were disconnected.", least=0))
    link_bytes_per_event: float = field(
        metadata=said("What the instances told each other for each distinct event, in bytes, both ways.", least=0)
    )
    breaches: tuple[str, ...] = field(metadata=said("What must never be."))


def measure_exchange(record: ExchangeRecord) -> Exchange:
    """Compare what both instances, Service Manager and Operations Orchestration hold. Pure."""
    held = [{event.key for event in instance.events} for instance in record.instances]
    distinct: set[Key] = set().union(*held)
    twins = distinct.intersection(*held)
    known = [{shared.key: shared for shared in instance.shared} for instance in record.instances]
    unequal = sorted(key for key in distinct if not _alike([records.get(key) for records in known]))
    counters = [sum(sum(one.sightings.values()) for one in records.values()) for records in known]
    spared = sum(instance.failed_operations for instance in record.instances if instance.spared)
    incidents, runs = (_acted(actions, distinct) for actions in (record.incidents, record.runs))
    gone = sorted(record.acknowledged - distinct)
    breaches = [
        *([f"{len(gone)} acknowledged events are in neither database, such as {_named(gone)}"] if gone else []),
        *_wrong("incident", *incidents),
        *_wrong("run of a runbook", *runs),
        *([f"{len(unequal)} events that the instances know differently, such as {_named(unequal)}"] if unequal else []),
        *([f"the counters differ: {', '.join(map(str, counters))}"] if len(set(counters)) > 1 else []),
        *([f"{spared} operations failed at an instance that the fault did not touch"] if spared else []),
    ]
    if record.moved and record.ended_sessions < record.sessions:
        breaches.append(f"{record.sessions - record.ended_sessions} of {record.sessions} users were not disconnected")
    return Exchange(
        distinct_events=len(distinct),
        twin_events=len(twins),
        incidents=len(record.incidents),
        duplicate_incidents=len(incidents[0]),
        missing_incidents=len(incidents[1]),
        runs=len(record.runs),
        duplicate_runs=len(runs[0]),
        missing_runs=len(runs[1]),
        unequal_events=len(unequal),
        counter=max(counters, default=0),
        taken_over_events=sum(one.term > 1 for one in known[0].values()) if known else 0,
        failed_operations_of_the_spared=spared,
        sessions=record.sessions,
        ended_sessions=record.ended_sessions,
        link_bytes_per_event=record.link_bytes / len(distinct) if distinct else 0.0,
        breaches=tuple(breaches),
    )


def _alike(records: Sequence[SharedRecord | None]) -> bool:
    return None not in records and all(record == records[0] for record in records)


def _acted(actions: Iterable[Action], distinct: set[Key]) -> tuple[list[Key], list[Key]]:
    """Return the events that were acted upon again, once for each time, and those that were not."""
    counts = Counter(action.key for action in actions)
    again = [key for key, count in sorted(counts.items()) for _ in range(count - 1)]
    return again, sorted(distinct - counts.keys())


def _wrong(what: str, again: list[Key], missing: list[Key]) -> list[str]:
    return [
        f"{len(keys)} {problem} {what}, such as {_named(keys)}"
        for keys, problem in ((again, "events with another"), (missing, "events without any"))
        if keys
    ]


def _named(keys: Sequence[Key]) -> str:
    return ", ".join(f"{collector}/{seq}" for collector, seq in keys[:SAMPLE])
