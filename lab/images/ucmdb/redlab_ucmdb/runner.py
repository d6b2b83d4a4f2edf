"""Runs an integration for the life of the server, and reports its state."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from typing import Any

from redlab_ucmdb.integration import FEDERATION, PUSH, Integration
from redlab_ucmdb.sqlite_store import SqliteStore
from redlab_ucmdb.store import StandsByError, Store, UnreachableError
from redlab_ucmdb.transfer import transfer

log = logging.getLogger(__name__)


class Runner:
    """One integration that this UCMDB runs.

    ``state``: waiting (not tried yet), current (the last transfer was complete), stands by (the source's instance is a
    standby), failing (``reason`` explains it), asked (a federation, which copies nothing).
    """

    def __init__(self, integration: Integration, source: Store, target: Store) -> None:
        self.integration = integration
        self.source = source
        self._target = target
        self._applied = 0
        self._state = "asked" if integration.kind == FEDERATION else "waiting"
        self._reason = ""
        self._news = asyncio.Event()
        if integration.kind == PUSH and isinstance(source, SqliteStore):
            source.news.add(self._news)

    def status(self) -> dict[str, Any]:
        """Return the integration's state (docs/contract/ucmdb.md)."""
        one = self.integration
        return {
            "source": one.source,
            "target": one.target,
            "type": one.kind,
            "item_types": list(one.item_types),
            "applied": self._applied,
            "state": self._state,
            "reason": self._reason,
        }

    async def run(self) -> None:
        """Transfer at each interval, without end; a push also runs at once after a change."""
        while self.integration.kind != FEDERATION:
            self._news.clear()
            try:
                self._applied += await transfer(self.integration, self.source, self._target)
                self._say("current", "")
            except StandsByError as error:
                self._say("stands by", str(error))
            except (UnreachableError, sqlite3.Error) as error:  # sqlite3.Error: this UCMDB's own volume is full
                self._say("failing", str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), self.integration.interval_seconds)

    def _say(self, state: str, reason: str) -> None:
        if (state, reason) != (self._state, self._reason):
            level = logging.WARNING if state == "failing" else logging.INFO
            way = f"{self.integration.source} to {self.integration.target}"
            log.log(level, f"{way}: {state}{f', {reason}' if reason else ''}")
        self._state, self._reason = state, reason
