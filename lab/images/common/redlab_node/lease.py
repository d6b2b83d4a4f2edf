"""The lease on the services, as every node reads it. Only the database's clock is compared with its times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redlab_node.database import Connection

SERVICE = "processing"
CHANNEL = "redlab_lease"

READ = """
    SELECT assigned_to, holder, epoch, state,
           extract(epoch FROM expires_at - clock_timestamp())::float8,
           (SELECT dps FROM lease_history ORDER BY epoch DESC LIMIT 1), extract(epoch FROM renewed_at)::float8
    FROM lease WHERE service = %s
"""


@dataclass(frozen=True)
class Lease:
    """One reading of the lease."""

    assigned_to: str
    holder: str | None
    epoch: int
    state: str  # starting, active or none
    remaining_seconds: float  # negative when it has expired
    last_holder: str | None  # the latest one in the history, also without a holder now
    renewed: float  # distinguishes renewals; not comparable with other clocks

    @property
    def expired(self) -> bool:
        """True when the lease's time is over."""
        return self.remaining_seconds <= 0


async def read(connection: Connection) -> Lease | None:
    """Read the lease; None before the first start of a DPS."""
    row: Any = await (await connection.execute(READ, (SERVICE,))).fetchone()
    return None if row is None else Lease(*row)
