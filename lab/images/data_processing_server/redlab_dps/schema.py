"""The tables, created by the first DPS to connect; documented in docs/contract/data-processing-server.md."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb
from redlab_node.database import Connection, make_tables

from redlab_dps.configuration_schema import ALERTS, CONFIGURATION, SHARED_ALERTS
from redlab_dps.rejected import TABLE as REJECTED

_LOCK = 0x7265646C6162  # any number that every DPS uses: "redlab"

_EVENT = """
    CREATE TABLE IF NOT EXISTS events (
        collector text, seq bigint, gateway text NOT NULL, accepted_at timestamptz NOT NULL,
        processed_at timestamptz NOT NULL, dps text NOT NULL, epoch bigint NOT NULL, data jsonb NOT NULL,
        PRIMARY KEY (collector, seq)
    );
    CREATE INDEX IF NOT EXISTS events_processed_at ON events (processed_at);
    -- Updated several times a second: new row versions fit on the same page, where PostgreSQL prunes old ones.
    CREATE TABLE IF NOT EXISTS lease (
        service text PRIMARY KEY, assigned_to text NOT NULL, holder text, epoch bigint NOT NULL, state text NOT NULL,
        renewed_at timestamptz NOT NULL, expires_at timestamptz NOT NULL
    ) WITH (fillfactor = 10);
    CREATE TABLE IF NOT EXISTS lease_history (
        epoch bigint PRIMARY KEY, dps text NOT NULL, reason text NOT NULL, acquired_at timestamptz NOT NULL,
        active_at timestamptz
    );
"""

# Events that were written but not yet acquired or counted; collectors without a twin; and both instances' knowledge of
# each event.
_EXCHANGE = """
    CREATE TABLE IF NOT EXISTS sightings (collector text, seq bigint, PRIMARY KEY (collector, seq));
    CREATE TABLE IF NOT EXISTS untwinned (collector text PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS shared_events (
        collector text, seq bigint, owner text NOT NULL, term integer NOT NULL, sightings jsonb NOT NULL, incident text,
        run text, version bigint NOT NULL, told bigint NOT NULL, PRIMARY KEY (collector, seq)
    );
    DO $$ BEGIN
        IF NOT EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = 'shared_events'::regclass AND attname = 'noted_at'
        ) THEN
            ALTER TABLE shared_events ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
        END IF;
    END $$;
    CREATE INDEX IF NOT EXISTS shared_events_outbox ON shared_events (collector, seq) WHERE version > told;
    CREATE INDEX IF NOT EXISTS shared_events_open ON shared_events (collector, seq)
        WHERE incident IS NULL OR run IS NULL;
    CREATE INDEX IF NOT EXISTS shared_events_noted_at ON shared_events (noted_at);
"""

_MANAGEMENT = """
    CREATE TABLE IF NOT EXISTS settings (key text PRIMARY KEY, value jsonb NOT NULL);
    CREATE TABLE IF NOT EXISTS audit (
        at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL, detail jsonb NOT NULL
    );
    -- The table has no key: without this, old rows could not be deleted where it is replicated by subscription.
    DO $$ BEGIN
        IF (SELECT relreplident FROM pg_class WHERE oid = 'audit'::regclass) <> 'f' THEN
            ALTER TABLE audit REPLICA IDENTITY FULL;
        END IF;
    END $$;
    CREATE TABLE IF NOT EXISTS ended_sessions (digest text PRIMARY KEY, ended_at timestamptz NOT NULL);
"""

# The topology's value applies when it is new or has changed. In between, the management API's value applies.
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


async def make_event(connection: Connection, *, exchange: bool = False) -> None:
    """Create the tables of the database `event`; with ``exchange`` also those for the exchange with the twin."""
    await make_tables(connection, _EVENT + REJECTED + ALERTS + (_EXCHANGE + SHARED_ALERTS if exchange else ""), _LOCK)


async def make_management(connection: Connection, automatic_failover: bool, parameters: Mapping[str, str]) -> None:
    """Create the tables of the database `management`, with the controller's state as the topology declares it.

    A new database gets this instance's parameters and the configuration of every new instance. An existing one keeps
    its own.
    """
    await make_tables(connection, _MANAGEMENT + CONFIGURATION, _LOCK)
    await connection.execute(_DECLARE, (Jsonb(automatic_failover),))
    await connection.execute(_KEEP, (Jsonb(dict(parameters)),))
