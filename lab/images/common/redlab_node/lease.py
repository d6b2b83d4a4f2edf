"""The lease on the services as every node sees it. Only the database's clock is ever compared with its times."""

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
    last_holder: str | None  # the latest holder there ever was
    renewed: float  # tells one renewal from the next; what the clock said then means nothing to anybody else

    @property
    def expired(self) -> bool:
        """Whether the time it was granted for is over."""
        return self.remaining_seconds <= 0


async def read(connection: Connection) -> Lease | None:
    """Read the lease; None while no DPS has ever started."""
    row: Any = await (await connection.execute(READ, (SERVICE,))).fetchone()
    return None if row is None else Lease(*row)
