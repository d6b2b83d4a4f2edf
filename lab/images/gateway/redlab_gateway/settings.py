"""The database `management`: the controller's setting and the audit trail; and the assignment in `event`.

A change and its audit record may be in two databases. The record's transaction encloses the change: no change is
without a record, unless the database dies between two commits.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.types.json import Jsonb
from redlab_node import lease
from redlab_node.database import Connection, Session, failure

_SECONDS = 2.0
# A page waits behind a load balancer, for at most 1.6 s; a new connection may take a second of that.
_READ_SECONDS = 0.5
ADMINISTRATOR = "administrator"


class Settings:
    """Reads and changes the operators' settings; raises ConnectionError when the database does not answer."""

    def __init__(self, management: Session, event: Session) -> None:
        self._management = management
        self._event = event

    async def automatic_failover(self) -> bool:
        """Return whether the High Availability Controller is on."""
        async with use(self._management, _READ_SECONDS) as connection:
            found = await connection.execute("SELECT value FROM settings WHERE key = 'automatic_failover'")
            row = await found.fetchone()
        return row is not None and row[0] is True

    async def set_automatic_failover(self, enabled: bool) -> None:
        """Switch the High Availability Controller."""
        async with use(self._management) as connection, connection.transaction():
            await audit(connection, "automatic-failover", {"automatic_failover": enabled})
            await connection.execute(
                "INSERT INTO settings (key, value) VALUES ('automatic_failover', %s)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (Jsonb(enabled),),
            )

    async def reassign(self, to: str) -> int:
        """Assign the services to a DPS; return the epoch at that time, which the takeover raises."""
        async with use(self._management) as management, management.transaction():
            await audit(management, "reassign-services", {"to": to})
            async with use(self._event) as event, event.transaction():
                found = await event.execute(
                    "UPDATE lease SET assigned_to = %s WHERE service = %s RETURNING epoch", (to, lease.SERVICE)
                )
                row = await found.fetchone()
                if row is None:
                    raise ConnectionError("no data processing server has started yet")
                await event.execute(f"NOTIFY {lease.CHANNEL}")
        return int(row[0])


async def audit(connection: Connection, action: str, detail: dict[str, object], actor: str = ADMINISTRATOR) -> None:
    """Record an action of the administrator, or of another actor, in the transaction that performs it."""
    await connection.execute(
        "INSERT INTO audit (at, actor, action, detail) VALUES (clock_timestamp(), %s, %s, %s)",
        (actor, action, Jsonb(detail)),
    )


@asynccontextmanager
async def use(session: Session, seconds: float = _SECONDS) -> AsyncIterator[Connection]:
    """Give a session's connection; raises ConnectionError with an explanation when the database does not answer."""
    try:
        async with session.use(seconds) as connection:
            yield connection
    except psycopg.errors.UndefinedTable:
        raise ConnectionError("no data processing server has started yet") from None
    except (psycopg.Error, OSError) as error:
        raise ConnectionError(f"{failure(error)}: {error}") from None
