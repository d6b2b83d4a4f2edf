"""The exchange of events with the twin instance, while this node holds the services (docs/adr/0008).

Its loops: acquire or count the events that collectors sent; tell the other instance what it does not know yet; have
Service Manager and Operations Orchestration act upon the events that this instance owns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp
import psycopg

from redlab_dps import shared_event as rule
from redlab_dps.desk import Desk
from redlab_dps.exchange_store import ExchangeStore
from redlab_dps.peer import Peer, UnreachableError
from redlab_dps.shared_event import Contents, SharedEvent
from redlab_dps.tenure import Tenure
from redlab_dps.writer import FencedError

log = logging.getLogger(__name__)

_BATCH_EVENTS = 500
_RETRY_SECONDS = 0.2
_LOOK_SECONDS = 1.0
# New events are gathered for this long: they arrive singly, and each would otherwise need all transactions alone.
_GATHER_SECONDS = 0.05
_FAILURES = (
    *(aiohttp.ClientError, TimeoutError, KeyError, ValueError, UnreachableError),  # the called server
    *(FencedError, psycopg.Error, OSError),  # the database
)


class NotActiveError(Exception):
    """This node does not hold the services."""


class Exchange:
    """The exchange of one instance."""

    def __init__(
        self, instance: str, store: ExchangeStore, peer: Peer, desks: Mapping[str, Desk], tenure: Tenure
    ) -> None:
        """Share the events of ``instance`` with its twin; ``desks`` by action: ``incident`` and ``run``."""
        self.instance = instance
        self._store = store
        self._peer = peer
        self._desks = desks
        self._tenure = tenure
        self.seen = asyncio.Event()
        """Set when events were written that are not yet acquired or counted."""
        self._news = asyncio.Event()
        self._due = {name: asyncio.Event() for name in desks}
        self._done = dict.fromkeys(desks, 0)
        self._failing: set[str] = set()

    def status(self) -> dict[str, Any]:
        """Return the exchange's state (docs/contract/data-processing-server.md)."""
        return {
            "instance": self.instance,
            "peer_silent": self._peer.silent,
            "sent_events": self._peer.sent_events,
            "received_events": self._peer.received_events,
            "sent_bytes": self._peer.sent_bytes,
            "incidents": self._done["incident"],
            "runs": self._done["run"],
        }

    async def run(self) -> None:
        """Run the loops without end."""
        await asyncio.gather(
            self._loop("sightings", self._take, self.seen, _LOOK_SECONDS),
            # Without news, a third of the time after which the other instance would consider this one dead.
            self._loop("the other instance", self._tell, self._news, self._peer.takeover_seconds / 3),
            *(
                self._loop(f"{name}s", partial(self._act, name, desk), self._due[name], _LOOK_SECONDS / 2)
                for name, desk in self._desks.items()
            ),
        )

    async def merge(self, told: Sequence[SharedEvent], contents: Contents) -> list[SharedEvent]:
        """Take in the other instance's events, with the contents of some; return those that it does not know in full.

        Raises NotActiveError and psycopg.Error.
        """
        with self._tenure.writing() as epoch:
            if epoch is None:
                raise NotActiveError
            try:
                unknown = await self._store.merge(epoch, told, contents) if told else []
            except FencedError as error:
                raise NotActiveError from error
        self._peer.heard()
        self._peer.received_events += len(told)
        self._wake()
        if unknown:
            self._news.set()
        return unknown

    async def _loop(
        self, name: str, step: Callable[[int], Awaitable[bool]], wake: asyncio.Event, pause_seconds: float
    ) -> None:
        """Repeat the step while there is work, then wait until there may be more."""
        while True:
            await self._tenure.open()
            wake.clear()
            try:
                # Unlike a puller's write, a step does not hold the tenure open: its calls take long, and each
                # transaction checks the lease.
                epoch = self._tenure.epoch
                more = epoch is not None and await step(epoch)
                self._failing.discard(name)
            except _FAILURES as error:
                self._say(name, error)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), pause_seconds)
                await asyncio.sleep(_GATHER_SECONDS)

    async def _take(self, epoch: int) -> bool:
        taken = await self._store.take(epoch, _BATCH_EVENTS)
        if taken:
            self._news.set()
            self._wake()
        return taken == _BATCH_EVENTS

    async def _tell(self, epoch: int) -> bool:
        events, contents = await self._store.outbox(_BATCH_EVENTS)
        answered = await self._peer.tell(events, contents)
        if events:
            await self._store.confirm(epoch, events, answered)
            self._wake()
        return len(events) == _BATCH_EVENTS

    async def _act(self, name: str, desk: Desk, epoch: int) -> bool:
        silent = self._peer.silent
        found = await self._store.open(name, _BATCH_EVENTS, peer_silent=silent)
        due = rule.to_act_upon(found, self.instance, peer_silent=silent)
        taken = [event.key for event in due if event.term > 1 and event not in found]
        if taken:
            log.info("the other instance is silent", extra={"fields": {"events_taken_over": len(taken)}})
            await self._store.change(epoch, dict.fromkeys(taken, partial(rule.taken_over, instance=self.instance)))
        done = await desk.act(due)
        if done:
            acted = {event.key: partial(rule.acted, **{name: done[event.cma]}) for event in due}
            await self._store.change(epoch, acted)
            self._done[name] += len(done)
            self._news.set()
        # Events that are not due wait for the other instance's message, which wakes this loop.
        return len(due) == _BATCH_EVENTS

    def _wake(self) -> None:
        for due in self._due.values():
            due.set()

    def _say(self, name: str, error: Exception) -> None:
        if name not in self._failing:
            log.warning("exchange, %s: %s", name, str(error).strip() or type(error).__name__)
        self._failing.add(name)
