"""Whether a fault kept a service away for as long as it lasted: then what failed is a single point of failure.

Found by measurement alone: whatever the topology says, nothing took over while the fault was there to be seen.
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
    """What failed is one: `services` were away until it was healed, `fault_seconds` after the fault."""

    services: tuple[str, ...] = field(
        metadata=said(
            "collection, user, processing: those that were away.",
            shortest=1,
            allowed=("collection", "user", "processing"),
        )
    )
    fault_seconds: float = field(metadata=said("From the fault to the begin of its healing, in seconds.", least=0))

    def __str__(self) -> str:
        away = " and ".join(self.services)
        return f"a single point of failure: {away} away until it was healed after {self.fault_seconds:.1f} s"


def find_single_point(
    kind: str, recoveries: Sequence[Recovery], fault_at: float, heal_at: float | None
) -> SinglePoint | None:
    """Return what a fault of this kind shows, None when every service came back before the heal began.

    A service counts that had been away for a while (as long as a recovery must be sustained) when the heal began, and
    was away still. One that had come back without the heal, and failed again only with it, does not.
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
