"""Single points of failure: a service was down until the fault was healed.

They are found by measurement, whatever the topology declares: nothing took over while the fault lasted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redlab.measure.outage import SUSTAINED_SECONDS
from redlab.measure.said import said
from redlab.predict.fault_kinds import TAKE_AWAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redlab.measure.outage import Recovery


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """The failed element is a single point of failure: `services` were down until healing, `fault_seconds` later."""

    services: tuple[str, ...] = field(
        metadata=said(
            "The services that were down: collection, user, processing.",
            shortest=1,
            allowed=("collection", "user", "processing"),
        )
    )
    fault_seconds: float = field(metadata=said("From the fault to the begin of its healing, in seconds.", least=0))

    def __str__(self) -> str:
        down = " and ".join(self.services)
        return f"a single point of failure: {down} down until it was healed after {self.fault_seconds:.1f} s"


def find_single_point(
    kind: str, recoveries: Sequence[Recovery], fault_at: float, heal_at: float | None
) -> SinglePoint | None:
    """Return the single point of failure; None if every service recovered before the heal, or ``kind`` proves none.

    A service counts if an outage that lasted at least ``SUSTAINED_SECONDS`` was in progress when the heal began. A
    service that had recovered, and that the heal disturbed, does not count.
    """
    if kind not in TAKE_AWAY or heal_at is None:
        return None
    services = tuple(
        recovery.service
        for recovery in recoveries
        if any(
            outage.started_at <= heal_at - SUSTAINED_SECONDS and (outage.ended_at is None or outage.ended_at > heal_at)
            for outage in recovery.outages
        )
    )
    return SinglePoint(services, heal_at - fault_at) if services else None
