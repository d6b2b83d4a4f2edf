"""Sets aside events that a gateway has acknowledged but the database refuses: no other event waits behind them.

Such an event is kept as text, with the reason. A text column accepts any content, so no event is lost.
"""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias

import psycopg
from redlab_node.database import Database, Session
from redlab_node.lease import SERVICE

from redlab_dps.apart import halves
from redlab_dps.tenure import Tenure
from redlab_dps.writer import FencedError

log = logging.getLogger(__name__)

Write: TypeAlias = Callable[[str, int], Awaitable[Counter[str]]]

UNWRITABLE = (
    *(psycopg.DataError, psycopg.errors.NotNullViolation),
    *(psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex),
    *(ValueError, TypeError, KeyError, AttributeError, RecursionError),
)
"""Errors of a chunk that every further attempt would raise again."""
TABLE = """
    CREATE TABLE IF NOT EXISTS rejected (
        digest text PRIMARY KEY, gateway text NOT NULL, rejected_at timestamptz NOT NULL, dps text NOT NULL,
        epoch bigint NOT NULL, reason text NOT NULL, content text NOT NULL
    );
"""
_SECONDS = 5.0
_COUNT_SECONDS = 1.0
_EVERY_SECONDS = 5.0
_REASON_CHARACTERS = 500
_SET_ASIDE = """
    WITH held AS (
        SELECT epoch FROM lease WHERE service = %(service)s AND holder = %(dps)s AND epoch = %(epoch)s FOR KEY SHARE
    ), kept AS (
        INSERT INTO rejected (digest, gateway, rejected_at, dps, epoch, reason, content)
        SELECT %(digest)s, %(gateway)s, clock_timestamp(), %(dps)s, epoch, %(reason)s, %(content)s FROM held
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM kept)
"""


class Rejected:
    """Sets aside unwritable events of all gateways."""

    def __init__(self, database: Database, node: str, tenure: Tenure) -> None:
        self._session = Session(database, "event")
        self._node = node
        self._tenure = tenure
        self.total: int | None = None
        """The number of events ever set aside; None until the database has answered."""

    async def run(self) -> None:
        """Read the number of events set aside, repeatedly while this node is active, without end."""
        while True:
            await self._tenure.open()
            with suppress(psycopg.Error, OSError):
                async with self._session.use(_COUNT_SECONDS) as connection:
                    row: Any = await (await connection.execute("SELECT count(*) FROM rejected")).fetchone()
                self.total = int(row[0])
            await asyncio.sleep(_EVERY_SECONDS)

    async def write(self, write: Write, body: str, gateway: str, epoch: int) -> Counter[str]:
        """Write a chunk and set aside its unwritable events. Returns as ``write`` does.

        Raises FencedError, and psycopg.Error when another attempt may succeed.
        """
        try:
            return await write(body, epoch)
        except UNWRITABLE as error:
            try:
                parts = halves(body)
            except UNWRITABLE:
                parts = ()
            if len(parts) < 2:
                return await self._set_aside(body, gateway, epoch, f"{type(error).__name__}: {error}")
        written = Counter[str]()
        for part in parts:
            written += await self.write(write, part, gateway, epoch)
        return written

    async def _set_aside(self, body: str, gateway: str, epoch: int, reason: str) -> Counter[str]:
        content, reason = _text(body), " ".join(_text(reason).split())[:_REASON_CHARACTERS]
        parameters = {
            "service": SERVICE,
            "dps": self._node,
            "epoch": epoch,
            "gateway": gateway,
            "digest": hashlib.sha256(f"{gateway}\n{content}".encode()).hexdigest(),
            "reason": reason,
            "content": content,
        }
        async with self._session.use(_SECONDS) as connection:
            row: Any = await (await connection.execute(_SET_ASIDE, parameters)).fetchone()
        held, kept = row
        if not held:
            raise FencedError(f"epoch {epoch} is over")
        log.error("an event was set aside", extra={"fields": {"gateway": gateway, "reason": reason}})
        self.total = (self.total or 0) + int(kept)
        return Counter()


def _text(said: str) -> str:
    """Return the text without characters that PostgreSQL cannot store."""
    return said.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
