"""Recovery time of a service, from the operations that its clients tried.

Definitions; all of them use *scheduled* times, because a stalled sender delays the times of sending:

- An operation is *bad* when its outcome is `fail` or `unknown`.
- Operations that count: those scheduled at or after the fault's effect t0, and bad ones that were in flight at t0.
- A *run* is a maximal stretch of successes without a bad operation between them. It is *sustained* when it spans at
  least `sustained_seconds` from its first to its last scheduled time and holds at least `minimum_operations`. Shorter
  runs are part of the outage around them.
- An *outage* goes from the first bad operation to the completion of the first operation of the next sustained run;
  a success scheduled before that operation but completed after it prolongs the outage to its own completion.
- *RTO* is the end of the last outage that began before the heal, minus t0: a service that recovers and fails again has
  not recovered. Each outage is also listed separately. Without a bad operation, RTO is the completion of the first
  operation scheduled at or after t0, minus t0: slow answers count.
- After the service has recovered, an outage whose first bad operation is scheduled at or after the heal is caused by
  healing, and listed separately in `heal_disturbances`. (A bad operation in flight at the heal counts against the
  fault.)
- Without a sustained run at the end of the observation the service has not recovered: RTO is None.
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
    """One interval without service; monotonic seconds. `ended_at` is None if the observation ended before."""

    started_at: float
    ended_at: float | None
    bad_operations: int

    @property
    def seconds(self) -> float | None:
        """The outage's length; None if it has no end."""
        return None if self.ended_at is None else self.ended_at - self.started_at


@dataclass(frozen=True, slots=True)
class Recovery:
    """Recovery of one service (`collection`, `user` or `processing`) from a fault.

    `rto_seconds` is None if the service never recovered. `slowest_seconds` is the highest latency of a success after
    t0 (for processing: the longest lag from acceptance to commit).
    """

    service: str
    fault_at: float
    recovered_at: float | None
    outages: tuple[Outage, ...]
    heal_disturbances: tuple[Outage, ...]
    slowest_seconds: float

    @property
    def rto_seconds(self) -> float | None:
        """Seconds from the fault's effect to the recovery; None: never recovered."""
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

    `fault_at` is the instant of the fault's effect. `heal_at` is the begin of healing; None if healing *is* the
    recovery (a single node crashed and is restarted): every outage then counts against the fault.
    """
    relevant = sorted(
        (op for op in operations if op.scheduled >= fault_at or (op.outcome != "ok" and op.completed > fault_at)),
        key=lambda op: (op.scheduled, op.n),
    )
    stretches = [(ok, tuple(group)) for ok, group in groupby(relevant, key=lambda op: op.outcome == "ok")]
    outages: list[Outage] = []
    disturbances: list[Outage] = []
    up = False  # whether the service has recovered; until then every outage counts against the fault
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
