"""The instance's configuration, in the database `management`, and the alerts that fired, in `event`."""

from typing import Any, TypeAlias

from psycopg.types.json import Jsonb
from redlab_node.configured import problem
from redlab_node.database import Session

from redlab_gateway.settings import audit, use

Item: TypeAlias = dict[str, Any]

_LATEST = 50
_ITEMS = """
    SELECT kind, name, content, changed_at FROM configuration
    WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(name)s::text IS NULL OR name = %(name)s)
    ORDER BY kind, name
"""
_PUT = """
    INSERT INTO configuration (kind, name, content, changed_at) VALUES (%s, %s, %s, clock_timestamp())
    ON CONFLICT (kind, name) DO UPDATE SET content = excluded.content, changed_at = excluded.changed_at
    RETURNING xmax = 0
"""
_FIRED = "SELECT alert, collector, seq, dps, fired_at FROM alerts_fired ORDER BY fired_at DESC LIMIT %s"


class ConfigurationStore:
    """Reads and changes the configuration; raises ConnectionError when the database does not answer."""

    def __init__(self, management: Session, event: Session) -> None:
        self._management = management
        self._event = event

    async def items(self, kind: str | None = None, name: str | None = None) -> list[Item]:
        """Return the items, all or of one kind or name; `problem`: why an item has no effect although it should."""
        async with use(self._management) as connection:
            found = await connection.execute(_ITEMS, {"kind": kind, "name": name})
            rows = await found.fetchall()
        return [
            {
                "kind": kind,
                "name": name,
                "content": content,
                "changed_at": changed_at.isoformat(),
                "problem": problem(kind, name, content),
            }
            for kind, name, content, changed_at in rows
        ]

    async def put(self, kind: str, name: str, content: Item) -> bool:
        """Write an item; return whether it is new."""
        async with use(self._management) as connection, connection.transaction():
            await audit(connection, "configure", {"kind": kind, "name": name, "content": content})
            written = await (await connection.execute(_PUT, (kind, name, Jsonb(content)))).fetchone()
        return bool(written and written[0])

    async def delete(self, kind: str, name: str) -> bool:
        """Delete an item; return whether it existed."""
        async with use(self._management) as connection, connection.transaction():
            done = await connection.execute("DELETE FROM configuration WHERE kind = %s AND name = %s", (kind, name))
            if done.rowcount:
                await audit(connection, "delete-configuration", {"kind": kind, "name": name})
        return bool(done.rowcount)

    async def fired(self) -> list[Item]:
        """Return the alerts that this instance fired last, newest first."""
        async with use(self._event) as connection:
            rows = await (await connection.execute(_FIRED, (_LATEST,))).fetchall()
        names = ("alert", "collector", "seq", "dps")
        return [{**dict(zip(names, row[:-1], strict=True)), "fired_at": row[-1].isoformat()} for row in rows]
