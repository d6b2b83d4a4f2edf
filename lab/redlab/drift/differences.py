"""What two instances are configured with, compared by content; and how their measurements differ. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    Items = Mapping[tuple[str, str], Any]
    Measurement = tuple[str, str, int]
    Taken = Mapping[Measurement, tuple[float, str]]

TOPOLOGY = "topology"
"""The kind of configuration items, whose name is their type and name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that differs; None: the instance does not have it."""

    kind: str
    name: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What makes an instance like the other: `content` None deletes the item."""

    kind: str
    name: str
    content: Any

    @property
    def what(self) -> str:
        """The change in words."""
        return f"{'delete' if self.content is None else 'write'} {self.kind} {self.name}"


def compare(first: Items, second: Items) -> list[Difference]:
    """Return what differs, by kind and name; contents are compared as values, not as texts."""
    return [
        Difference(*key, first.get(key), second.get(key))
        for key in sorted({*first, *second})
        if first.get(key) != second.get(key)
    ]


def plan(differences: Sequence[Difference], *, from_first: bool) -> list[Change]:
    """Return the changes that make the second instance like the first (``from_first``), or the other way round."""
    return [Change(one.kind, one.name, one.first if from_first else one.second) for one in differences]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A measurement of which twins say something else.

    `kind`: event or metric.   `interval`: the collectors' own number of it, which both twins count alike.   `at`: when
    it was accepted by the first instance, Unix seconds.
    """

    kind: str
    collector: str
    interval: int
    at: float
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Measurements:
    """How the measurements of twins differ. Both instances measure for themselves: they never match to the millisecond.

    `apart_…`: of those that both have, between their times of acceptance. `different_data`: of those, how many say
    something else, and `disagreements` which. `without_twin`: those of collectors that no other one measures beside.
    """

    in_both: int
    in_first_only: int
    in_second_only: int
    apart_median_milliseconds: float | None
    apart_maximum_milliseconds: float | None
    different_data: int
    disagreements: tuple[Disagreement, ...] = ()
    without_twin: int = 0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How often twin collectors measure, in seconds, and the load that is on what they measure.

    `resolution_seconds`: the interval between measurements by either.   `relative_load`: 1 is that of one alone.
    """

    interval_alone_seconds: float
    interval_of_each_seconds: float
    resolution_seconds: float
    relative_load: float


def sampling(events_per_second: float, interval_factor: float) -> Sampling | None:
    """Return how often twins measure; None where they do not. With a factor of 2 they take turns, else both measure.

    So two collectors every 10 minutes give a resolution of 5 at half the load each (best practices).
    """
    if not events_per_second:
        return None
    alone = 1 / events_per_second
    return Sampling(alone, alone * interval_factor, alone, 2 / interval_factor)


def differing(first: Taken, second: Taken) -> list[Measurement]:
    """Return of which measurements that both have the data differ, the latest first."""
    return sorted(
        (key for key in first.keys() & second.keys() if first[key][1] != second[key][1]),
        key=lambda key: (-first[key][0], key),
    )


def measurements(
    first: Taken, second: Taken, said: Mapping[Measurement, tuple[Any, Any]], alone: Collection[str] = ()
) -> Measurements:
    """Compare measurements: of each when it was accepted (Unix seconds) and a digest of its data.

    ``said``: what either says of those that are :func:`differing`.   ``alone``: collectors that have no twin.
    """
    unpaired = {key for key in first.keys() | second.keys() if key[1] in alone}
    first, second = ({key: value for key, value in one.items() if key not in unpaired} for one in (first, second))
    both = first.keys() & second.keys()
    apart = [abs(first[key][0] - second[key][0]) * 1000 for key in both]
    different = differing(first, second)
    return Measurements(
        len(both),
        len(first.keys() - both),
        len(second.keys() - both),
        statistics.median(apart) if apart else None,
        max(apart, default=None),
        len(different),
        tuple(Disagreement(*key, first[key][0], *said.get(key, (None, None))) for key in different),
        len(unpaired),
    )
