"""The changes of the lease: each is one transaction, and all times are by the database's clock."""

from redlab_node.database import Connection
from redlab_node.lease import CHANNEL, SERVICE, Lease

from redlab_dps.decision import Reason

_NOTIFY = f"NOTIFY {CHANNEL}"
_TERMINATE_WAIT_MILLISECONDS = 500


async def register(connection: Connection, node: str, lease_seconds: float) -> None:
    """Assign the services to this node if they have no assignment yet: the first DPS to start is the primary."""
    await connection.execute(
        "INSERT INTO lease VALUES (%s, %s, NULL, 0, 'none', clock_timestamp(),"
        " clock_timestamp() + make_interval(secs => %s)) ON CONFLICT DO NOTHING",
        (SERVICE, node, lease_seconds),
    )


async def acquire(connection: Connection, node: str, seen: Lease, reason: Reason, lease_seconds: float) -> int | None:
    """Take the services over from the state `seen`; return the new epoch, None if the state has changed since.

    First the former holder's sessions are ended, even inside a transaction: a holder that hangs there would block this
    node. The row lock (FOR UPDATE) conflicts with the writers' FOR KEY SHARE.
    """
    async with connection.transaction():
        if seen.last_holder is not None:
            # The owner of the databases may not end sessions of the role that logged in; that role itself may.
            await connection.execute("SET LOCAL ROLE NONE")
            await connection.execute(
                "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = current_database()"
                " AND usename = session_user AND split_part(application_name, '/', 1) = %s"
                " AND application_name <> current_setting('application_name')"
                " AND EXISTS (SELECT FROM lease WHERE service = %s AND epoch = %s)",
                (_TERMINATE_WAIT_MILLISECONDS, seen.last_holder, SERVICE, seen.epoch),
            )
        locked = await connection.execute(
            "SELECT 1 FROM lease WHERE service = %s AND epoch = %s AND assigned_to = %s"
            " AND (%s OR expires_at <= clock_timestamp() OR expires_at > clock_timestamp() + make_interval(secs => %s))"
            " FOR UPDATE",
            (SERVICE, seen.epoch, seen.assigned_to, reason is not Reason.AUTOMATIC_FAILOVER, lease_seconds),
        )
        if await locked.fetchone() is None:
            return None
        epoch = seen.epoch + 1
        await connection.execute(
            "UPDATE lease SET assigned_to = %s, holder = %s, epoch = %s, state = 'starting',"
            " renewed_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => %s)"
            " WHERE service = %s",
            (node, node, epoch, lease_seconds, SERVICE),
        )
        await connection.execute(
            "INSERT INTO lease_history VALUES (%s, %s, %s, clock_timestamp(), NULL)", (epoch, node, reason.value)
        )
        await connection.execute(_NOTIFY)
    return epoch


async def activate(connection: Connection, epoch: int) -> None:
    """Declare the services started."""
    async with connection.transaction():
        await connection.execute(
            "UPDATE lease SET state = 'active' WHERE service = %s AND epoch = %s", (SERVICE, epoch)
        )
        await connection.execute("UPDATE lease_history SET active_at = clock_timestamp() WHERE epoch = %s", (epoch,))
        await connection.execute(_NOTIFY)


async def renew(connection: Connection, node: str, epoch: int, lease_seconds: float) -> bool:
    """Prolong the lease; return False if this node does not hold it any more."""
    done = await connection.execute(
        "UPDATE lease SET renewed_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => %s)"
        " WHERE service = %s AND holder = %s AND epoch = %s",
        (lease_seconds, SERVICE, node, epoch),
    )
    return bool(done.rowcount)


async def release(connection: Connection, node: str, epoch: int, reserved_seconds: float) -> None:
    """Release the lease; for `reserved_seconds` only the DPS that has the assignment may take it."""
    async with connection.transaction():
        await connection.execute(
            "UPDATE lease SET holder = NULL, state = 'none', renewed_at = clock_timestamp(),"
            " expires_at = clock_timestamp() + make_interval(secs => %s)"
            " WHERE service = %s AND holder = %s AND epoch = %s",
            (reserved_seconds, SERVICE, node, epoch),
        )
        await connection.execute(_NOTIFY)
