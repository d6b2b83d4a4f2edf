"""The needs that a redundancy pattern has to satisfy, and parsing them. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from redlab.model.durations import GREATEST_SECONDS, duration, span
from redundancy.reading import printable, shown

GREATEST_COUNT = 1_000_000


class NeedsError(ValueError):
    """An invalid need; the message states the value found and the allowed values."""


@dataclass(frozen=True)
class Needs:
    """The needs; None: no requirement. Durations in seconds.

    ``rto_seconds``: how long users may be without service after a failure that must be survived.
    ``server_rto_seconds``: how long after the failure of one server; by default ``rto_seconds``.
    ``rpo_seconds``: how much of the latest data may be lost.
    ``sites``: how many data centers there are. ``distance_kilometers``, ``latency_milliseconds`` (round trip) and
    ``dedicated_fiber``: of the link between them.
    ``survive_site_loss``, ``survive_disaster``: the loss of a data center; of a whole region.
    ``budget_nodes``: the largest number of servers, including load balancers and databases.
    ``manual_hours``: the most hours of manual work for one failover.
    ``duplicate_configuration``: whether maintaining configuration and collectors twice is acceptable.
    ``custom_integration``: whether custom scripts between the instances and the service desk are acceptable.
    ``equal_measurements``: whether all instances must show equal measurements, as for an audit.
    ``existing_ucmdb``: whether an external UCMDB is the system of record for topology.
    ``supported_only``: whether the best practices must call the pattern fully tested, documented and supported.
    """

    rto_seconds: float | None = None
    server_rto_seconds: float | None = None
    rpo_seconds: float | None = None
    sites: int | None = None
    distance_kilometers: float | None = None
    latency_milliseconds: float | None = None
    dedicated_fiber: bool | None = None
    survive_site_loss: bool = False
    survive_disaster: bool = False
    budget_nodes: int | None = None
    manual_hours: float | None = None
    duplicate_configuration: bool | None = None
    custom_integration: bool | None = None
    equal_measurements: bool = False
    existing_ucmdb: bool = False
    supported_only: bool = False


def parse(document: Mapping[str, Any]) -> Needs:
    """Return the needs of a document, whose keys are those of :data:`READERS`.

    Raises NeedsError with the name of an invalid entry.
    """
    values: dict[str, Any] = {}
    for key, value in document.items():
        if key not in READERS:
            raise NeedsError(f"{printable(str(key))}: there is no such need; there are: {', '.join(READERS)}")
        name, read = READERS[key]
        if value is None:
            continue
        try:
            values[name] = read(value)
        except NeedsError as error:
            raise NeedsError(f"{key}: {error}") from None
    return Needs(**values)


def _duration(value: object) -> float:
    try:
        seconds = duration(value) if isinstance(value, str) else _number(value)
    except ValueError as error:
        raise NeedsError(str(error)) from None
    if seconds > GREATEST_SECONDS:
        raise NeedsError(f"found {shown(value)}; allowed: at most {span(GREATEST_SECONDS)}")
    return seconds


def _number(value: object, greatest: float = math.inf) -> float:
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    if not 0 <= number <= greatest or number == math.inf:
        to = "" if greatest == math.inf else f" to {greatest:g}"
        raise NeedsError(f"found {shown(value)}; allowed: a number from 0{to}")
    return float(number)


def _count(value: object) -> int:
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= GREATEST_COUNT:
        raise NeedsError(f"found {shown(value)}; allowed: a whole number from 1 to {GREATEST_COUNT:,}")
    return number


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise NeedsError(f"found {shown(value)}; allowed: true or false")
    return value


READERS: dict[str, tuple[str, Callable[[object], object]]] = {
    "rto": ("rto_seconds", _duration),
    "serverRto": ("server_rto_seconds", _duration),
    "rpo": ("rpo_seconds", _duration),
    "sites": ("sites", _count),
    "distanceKilometers": ("distance_kilometers", partial(_number, greatest=20_000)),
    "latencyMilliseconds": ("latency_milliseconds", partial(_number, greatest=2000)),
    "dedicatedFiber": ("dedicated_fiber", _truth),
    "surviveSiteLoss": ("survive_site_loss", _truth),
    "surviveDisaster": ("survive_disaster", _truth),
    "budgetNodes": ("budget_nodes", _count),
    "manualHours": ("manual_hours", _number),
    "duplicateConfiguration": ("duplicate_configuration", _truth),
    "customIntegration": ("custom_integration", _truth),
    "equalMeasurements": ("equal_measurements", _truth),
    "existingUcmdb": ("existing_ucmdb", _truth),
    "supportedOnly": ("supported_only", _truth),
}
"""The entries of a file of needs: the field of each, and the function that reads its value.

The limits of distance and latency are those of a topology's links (schemas/topology.schema.json).
"""

assert {name for name, _ in READERS.values()} == {field.name for field in fields(Needs)}  # noqa: S101 a need each
