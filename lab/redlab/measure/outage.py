"""Recovery time of a service, from the operations its clients tried (DESIGN.md, Drills: RTO).

Definitions, all by *scheduled* time so that a stalled sender hides nothing:

- An operation is *bad* when its outcome is `fail` or `unknown`.
- What counts: operations scheduled at or after the fault's effect t0, and bad ones that were in flight at t0.
- A *run* is a maximal stretch of successes without a bad operation between them. It is *sustained* when it spans at
  least `sustained_seconds` from its first to its last scheduled time and holds at least `minimum_operations`. Shorter
  runs are part of the outage around them.
- An *outage* goes from the first bad operation to the completion of the first operation of the next sustained run;
  a success scheduled before that operation but completed after it prolongs the outage to its own completion.
- *RTO* is the end of the last outage that began before the heal, minus t0: a service that recovers and fails again has
  not recovered, and each outage is listed apart. Without any bad operation it is the completion of the first
  operation scheduled at or after t0, so slow answers count.
- Outages whose first bad operation is scheduled at or after the heal, once the service had recovered, are the heal's
  doing: listed apart as `heal_disturbances`. (One in flight at the heal counts against the fault: never flattering.)
- No sustained run at the end of the observation: not recovered, RTO None.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redlab.measure.history import Operation

SUSTAINED_SECONDS = 1.0
MINIMUM_OPERATIONS = 5


@dataclass(frozen=True, slots=True)
class Outage:
    """One stretch without service; monotonic seconds. `ended_at` is None when the observation ended in it."""

    started_at: float
    ended_at: float | None
    bad_operations: int

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it lasts."""
        return None if self.ended_at is None else self.ended_at - self.started_at


@dataclass(frozen=True, slots=True)
class Recovery:
    """How one service (`collection`, `user` or `processing`) came through a fault.

    `rto_seconds` is None when it never recovered. `slowest_seconds` is the longest success after t0, from its
    scheduled time (for processing: the longest lag from acceptance to commit).
    """

    service: str
    fault_at: float
    recovered_at: float | None
    outages: tuple[Outage, ...]
    heal_disturbances: tuple[Outage, ...]
    slowest_seconds: float

    @property
    def rto_seconds(self) -> float | None:
        """Recovery time in seconds from the fault's effect; None: never recovered."""
        return None if self.recovered_at is None else self.recovered_at - self.fault_at

    @property
    def recovered(self) -> bool:
        """Whether the service was up at the end of the observation, after the fault and after the heal."""
        return self.recovered_at is not None and all(o.ended_at is not None for o in self.heal_disturbances)


def measure_recovery(
    service: str,
    operations: Iterable[Operation],
    *,
    fault_at: float,
    heal_at: float | None = None,
    sustained_seconds: float = SUSTAINED_SECONDS,
    minimum_operations: int = MINIMUM_OPERATIONS,
) -> Recovery:
    """Measure a service's recovery by the definitions above.

    `fault_at` is the instant of the fault's effect, `heal_at` that of the heal's begin; None where the restart that
    ends the fault *is* the recovery (a crashed single node), so that nothing is excused.
    """
    relevant = sorted(
        (op for op in operations if op.scheduled >= fault_at or (op.outcome != "ok" and op.completed > fault_at)),
        key=lambda op: (op.scheduled, op.n),
    )
    stretches = [(ok, tuple(group)) for ok, group in groupby(relevant, key=lambda op: op.outcome == "ok")]
    outages: list[Outage] = []
    disturbances: list[Outage] = []
    up = False  # whether the service has recovered at all: until then everything counts against the fault
    recovered_at: float | None = None
    latest_success = -math.inf  # completion of the latest success scheduled up to here
    bad: list[Operation] = []
    for ok, stretch in stretches:
        if not ok:
            bad.extend(stretch)
            continue
        if not _sustained(stretch, sustained_seconds, minimum_operations):
            latest_success = max(latest_success, *(op.completed for op in stretch))
            continue
        end = max(latest_success, stretch[0].completed)
        if not bad:
            recovered_at = end
        elif up and _by_heal(bad, heal_at):
            disturbances.append(_outage(bad, fault_at, end))
        else:
            outages.append(_outage(bad, fault_at, end))
            recovered_at = end
        up, bad = True, []
        latest_success = max(latest_success, *(op.completed for op in stretch))
    if bad or not up:
        if up and _by_heal(bad, heal_at):
            disturbances.append(_outage(bad, fault_at, None))
        else:
            recovered_at = None
            if bad:
                outages.append(_outage(bad, fault_at, None))
    slowest = max((op.latency_seconds for op in relevant if op.outcome == "ok"), default=0.0)
    return Recovery(service, fault_at, recovered_at, tuple(outages), tuple(disturbances), slowest)


def _sustained(run: Sequence[Operation], seconds: float, operations: int) -> bool:
    return len(run) >= operations and run[-1].scheduled - run[0].scheduled >= seconds


def _by_heal(bad: Sequence[Operation], heal_at: float | None) -> bool:
    return heal_at is not None and bad[0].scheduled >= heal_at


def _outage(bad: Sequence[Operation], fault_at: float, end: float | None) -> Outage:
    return Outage(max(fault_at, bad[0].scheduled), end, len(bad))
