"""Event exchange of active-active instances: each event is in a database, acted upon once, and counted alike."""

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
"""How many events a message names."""


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """One instance's record of an event that both instances share.

    `sightings`: how often each instance has seen the event.   `incident`, `run`: the action taken for it; None: none.
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
    """An incident, or the run of a runbook: its number and its event."""

    number: str
    collector: str
    seq: int

    @property
    def key(self) -> Key:
        """What identifies the event."""
        return self.collector, self.seq


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """The final read of one of two active-active instances: the events of a drill.

    `failed_operations`: operations of the instance's own collector that failed.   `spared`: the fault did not touch the
    path from that collector to the gateway queue, so no operation may fail.
    """

    site: str
    events: tuple[StoredEvent, ...]
    terms: tuple[LeaseTerm, ...]
    shared: tuple[SharedRecord, ...]
    failed_operations: int
    spared: bool


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """The final read of active-active instances and of the service desk that they share.

    `acknowledged`: events outside the load that a collector got a `200` for; :mod:`~redlab.measure.loss` covers the
    load.   `sessions`: users who were logged in at the fault.   `ended_sessions`: those who were disconnected.
    `moved`: whether all of them had to be.   `link_bytes`: traffic between the instances during the drill.
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
    """The outcome of the event exchange between active-active instances."""

    distinct_events: int = field(metadata=said("Events of the drill in at least one database.", least=0))
    twin_events: int = field(metadata=said("Events of the drill in both databases.", least=0))
    incidents: int = field(metadata=said("Incidents in Service Manager.", least=0))
    duplicate_incidents: int = field(
        metadata=said("Incidents beyond the first for the same event; must be 0.", least=0)
    )
    missing_incidents: int = field(metadata=said("Events without an incident; must be 0.", least=0))
    runs: int = field(metadata=said("Runs of runbooks in Operations Orchestration.", least=0))
    duplicate_runs: int = field(metadata=said("Runs beyond the first for the same event; must be 0.", least=0))
    missing_runs: int = field(metadata=said("Events without a run; must be 0.", least=0))
    unequal_events: int = field(
        metadata=said("Events whose owner, counters, incident or run differ between the instances; must be 0.", least=0)
    )
    counter: int = field(metadata=said("Sightings of all events; the higher count of the two instances.", least=0))
    taken_over_events: int = field(metadata=said("Events whose ownership has passed to the other instance.", least=0))
    failed_operations_of_the_spared: int = field(
        metadata=said(
            "Operations of collectors that failed at an instance outside the fault's reach; must be 0.", least=0
        )
    )
    sessions: int = field(metadata=said("Users who were logged in at the fault.", least=0))
    ended_sessions: int = field(metadata=said("Users among them who were disconnected.", least=0))
    link_bytes_per_event: float = field(
        metadata=said("Bytes between the instances per distinct event, both ways.", least=0)
    )
    breaches: tuple[str, ...] = field(metadata=said("Violated invariants, one sentence each."))


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
    """Return the events of every action beyond an event's first, and the events without an action."""
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
