"""The tables, made by whichever DPS comes first; documented in docs/container-contract.md."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb
from redlab_node.database import Connection

_LOCK = 0x7265646C6162  # any number that every DPS uses: "redlab"

_EVENT = """
    CREATE TABLE IF NOT EXISTS events (
        collector text, seq bigint, gateway text NOT NULL, accepted_at timestamptz NOT NULL,
        processed_at timestamptz NOT NULL, dps text NOT NULL, epoch bigint NOT NULL, data jsonb NOT NULL,
        PRIMARY KEY (collector, seq)
    );
    CREATE INDEX IF NOT EXISTS events_processed_at ON events (processed_at);
    -- Renewed several times a second: room for new versions on the same page, cleaned up in passing.
    CREATE TABLE IF NOT EXISTS lease (
        service text PRIMARY KEY, assigned_to text NOT NULL, holder text, epoch bigint NOT NULL, state text NOT NULL,
        renewed_at timestamptz NOT NULL, expires_at timestamptz NOT NULL
    ) WITH (fillfactor = 10);
    CREATE TABLE IF NOT EXISTS lease_history (
        epoch bigint PRIMARY KEY, dps text NOT NULL, reason text NOT NULL, acquired_at timestamptz NOT NULL,
        active_at timestamptz
    );
"""

_MANAGEMENT = """
    CREATE TABLE IF NOT EXISTS settings (key text PRIMARY KEY, value jsonb NOT NULL);
    CREATE TABLE IF NOT EXISTS audit (
        at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL, detail jsonb NOT NULL
    );
"""

# What the topology declares holds when it is new or was changed; in between the management API has the last word.
_DECLARE = """
    WITH changed AS (
        INSERT INTO settings VALUES ('declared_automatic_failover', %s)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE settings.value <> excluded.value
        RETURNING value
    )
    INSERT INTO settings SELECT 'automatic_failover', value FROM changed
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""


_KEEP = "INSERT INTO settings SELECT key, value FROM jsonb_each(%s) ON CONFLICT DO NOTHING"


async def make_event(connection: Connection) -> None:
    """Make the tables of the database `event`."""
    await _make(connection, _EVENT)


async def make_management(connection: Connection, automatic_failover: bool, parameters: Mapping[str, str]) -> None:
    """Make the tables of the database `management`, the controller as the topology declares it.

    A database that is new is this instance's: it gets the instance's parameters. One that has some keeps them.
    """
    await _make(connection, _MANAGEMENT)
    await connection.execute(_DECLARE, (Jsonb(automatic_failover),))
    await connection.execute(_KEEP, (Jsonb(dict(parameters)),))


async def _make(connection: Connection, statements: str) -> None:
    # CREATE … IF NOT EXISTS fails when two sessions run it at once.
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute(statements)
