"""The followers of this instance's database server and their lag, for System Health."""

import json
from typing import Any

import psycopg
from redlab_node.database import Database, Session

_SECONDS = 0.5
# A standby has no write position of its own; a primary's is compared with its followers'.
_READ = """
    SELECT pg_is_in_recovery() OR coalesce(current_setting('redlab.follows', true), '') <> '',
           (SELECT coalesce(json_agg(json_build_object(
                'name', application_name, 'state', state, 'synchronous', sync_state IN ('sync', 'quorum'),
                'behind_bytes', CASE WHEN pg_is_in_recovery() THEN NULL
                                     ELSE greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) END,
                'behind_seconds', extract(epoch FROM replay_lag)::float8
            ) ORDER BY application_name), '[]')::text FROM pg_stat_replication WHERE state <> 'backup'),
           (SELECT coalesce(json_agg(slot_name ORDER BY slot_name), '[]')::text FROM pg_replication_slots
            WHERE wal_status = 'lost' AND NOT pg_is_in_recovery())
"""


class Replication:
    """Queries the database server; ``database`` may accept standbys."""

    def __init__(self, database: Database) -> None:
        self._session = Session(database, "management")

    async def known(self) -> dict[str, Any] | None:
        """Return `{"standby": bool, "followers": [{"name", "state", "synchronous", …}], "lost": […]}`, or None.

        ``lost``: invalidated slots. A follower with such a slot was away for too long, and never catches up.
        """
        try:
            async with self._session.use(_SECONDS) as connection:
                row = await (await connection.execute(_READ)).fetchone()
        except (psycopg.Error, OSError):
            return None
        if row is None:
            return None
        return {"standby": row[0], "followers": json.loads(row[1]), "lost": json.loads(row[2])}
