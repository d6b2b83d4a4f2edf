"""This node's part in the election: it reads the lease, decides and acts, repeatedly."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from redlab_node import lease
from redlab_node.database import Connection, Database, Session, failure
from redlab_node.lease import Lease

from redlab_dps import lease_store, schema
from redlab_dps.collected import Collected
from redlab_dps.decision import Action, Decision, Reason, Situation, decide
from redlab_dps.tenure import Tenure

log = logging.getLogger(__name__)

_RETRY_SECONDS = 0.1
_HANDOVER_SECONDS = 0.3
_HANDOVER_CHECK_SECONDS = 0.05


@dataclass(frozen=True)
class Timers:
    """The durations of the election, in seconds."""

    lease: float
    renew: float
    check: float  # between a standby's readings of the lease
    service_start: float  # between acquiring the lease and being active


@dataclass(frozen=True)
class Declared:
    """The topology's declarations: whether the controller is on, and whether the services begin in another site.

    ``parameters``: those of the instance. The services start only if the database has equal ones: a database that came
    from another instance has to be cleaned up first. ``exchange``: events are shared with a twin instance.
    """

    automatic_failover: bool
    standby_site: bool
    parameters: Mapping[str, str]
    exchange: bool = False


class LeaseKeeper:
    """Acquires, renews or releases the services for this node."""

    def __init__(
        self,
        node: str,
        database: Database,
        tenure: Tenure,
        timers: Timers,
        declared: Declared,
        collected: Collected,
    ) -> None:
        self._node = node
        self._collected = collected
        self._preparing: asyncio.Task[None] | None = None
        self._declared = declared
        self._tenure = tenure
        self._timers = timers
        self._session = Session(database, "event", self._prepare)
        self._management = Session(database, "management", self._prepare_management)
        self._watched_since: float | None = None
        self._renewal, self._unchanged_since = (-1, 0.0), 0.0
        self._assigned_since: float | None = None
        self._services_start_at = 0.0
        self._started = False
        self._refused = False

    async def run(self, stop: asyncio.Event) -> None:
        """Take part until asked to stop; then release the lease, so that a successor need not wait for its end."""
        while not stop.is_set():
            try:
                pause = await self._step()
                await self._session.wait_for_news(pause)
            except (psycopg.Error, OSError) as error:
                if self._watched_since is not None:
                    log.warning("%s: %s", failure(error), str(error).strip())
                self._watched_since = None
                await asyncio.sleep(_RETRY_SECONDS)
        try:
            await self._release(reserved_seconds=0)
        except (psycopg.Error, OSError) as error:
            log.warning("the lease was not released: %s", str(error).strip())

    async def _prepare(self, connection: Connection) -> None:
        # The old connection may be lost unnoticed. The server that answers now may be empty: its volume was lost.
        await self._management.close()
        async with self._management.use(self._timers.lease):
            pass  # connecting creates the tables, before any node can find a lease to reassign
        await schema.make_event(connection, exchange=self._declared.exchange)
        # The settings exist before any node is active.
        async with self._management.use(self._timers.lease):
            pass
        if not self._declared.standby_site:
            await lease_store.register(connection, self._node, self._timers.lease)
        await connection.execute(f"LISTEN {lease.CHANNEL}")

    async def _prepare_management(self, connection: Connection) -> None:
        await schema.make_management(connection, self._declared.automatic_failover, self._declared.parameters)

    async def _step(self) -> float:
        """Read, decide, act; return the seconds until the next reading."""
        async with self._session.use(self._timers.lease) as connection:
            seen = await lease.read(connection)
        now = time.monotonic()
        self._watched_since = self._watched_since or now
        if seen and (seen.epoch, seen.renewed) != self._renewal:
            self._renewal, self._unchanged_since = (seen.epoch, seen.renewed), now
        if seen is None:
            if not self._declared.standby_site:  # the row was removed by hand: the next connection registers it again
                await self._session.close()
            return self._timers.check
        decision = decide(seen, await self._situation(seen, now))
        match decision:
            case Decision(Action.RENEW):
                await self._renew()
            case Decision(Action.RELEASE):
                log.info("services were reassigned to %s", seen.assigned_to)
                await self._release(reserved_seconds=self._timers.lease)
            case Decision(Action.STEP_DOWN):
                self._superseded()
            case Decision(Action.ACQUIRE, Reason() as reason):
                await self._acquire(seen, reason)
            case _:
                self._tenure.seen()
        return self._pause(seen)

    async def _situation(self, seen: Lease, now: float) -> Situation:
        if seen.assigned_to != self._node:
            self._assigned_since = None
        elif self._assigned_since is None:
            self._assigned_since = now
        return Situation(
            node=self._node,
            held_epoch=self._tenure.epoch,
            automatic_failover=await self._may_take_over(seen),
            watched_seconds=now - (self._watched_since or now),
            unchanged_seconds=now - self._unchanged_since,
            assigned_seconds=now - (self._assigned_since or now),
            lease_seconds=self._timers.lease,
            handover_seconds=_HANDOVER_SECONDS,
        )

    async def _may_take_over(self, seen: Lease) -> bool:
        """Tell whether automatic failover is on; the database is asked only if the answer may matter."""
        in_force = 0 < seen.remaining_seconds <= self._timers.lease
        if self._tenure.epoch is not None or in_force:
            return False
        async with self._management.use(self._timers.lease) as connection:
            found = await connection.execute("SELECT value FROM settings WHERE key = 'automatic_failover'")
            row = await found.fetchone()
        return row is not None and row[0] is True

    async def _foreign(self) -> list[str]:
        """Return the parameters that show that the database belongs to another instance."""
        async with self._management.use(self._timers.lease) as connection:
            found = await connection.execute("SELECT key, value FROM settings WHERE key LIKE 'instance.%'")
            stored = dict(await found.fetchall())
        return [
            f"{key} is {stored.get(key)}" for key, own in self._declared.parameters.items() if stored.get(key) != own
        ]

    async def _acquire(self, seen: Lease, reason: Reason) -> None:
        foreign = await self._foreign() if self._declared.parameters else []
        if foreign:
            if not self._refused:
                log.warning("the database is another instance's, clean up first: %s", ", ".join(foreign))
            self._refused = True
            return
        self._refused = False
        asked = time.monotonic()
        async with self._session.use(2 * self._timers.lease) as connection:
            epoch = await lease_store.acquire(connection, self._node, seen, reason, self._timers.lease)
        if epoch is None:
            return
        log.info("services acquired", extra={"fields": {"epoch": epoch, "reason": reason.value}})
        self._tenure.begin(epoch, asked + self._timers.lease)
        self._preparing = asyncio.create_task(self._collected.prepare())
        # Counted from the end of the acquisition; the history's `acquired_at` is earlier.
        self._started, self._services_start_at = False, time.monotonic() + self._timers.service_start
        await self._start_services()

    async def _start_services(self) -> None:
        """Become active when the time for the services' start is over."""
        epoch = self._tenure.epoch
        if self._started or epoch is None or time.monotonic() < self._services_start_at:
            return
        async with self._session.use(self._timers.lease) as connection:
            await lease_store.activate(connection, epoch)
        self._started = True
        self._tenure.start()
        log.info("services active", extra={"fields": {"epoch": epoch}})

    async def _renew(self) -> None:
        epoch, asked = self._tenure.epoch, time.monotonic()
        if epoch is None:
            return
        async with self._session.use(self._timers.lease) as connection:
            renewed = await lease_store.renew(connection, self._node, epoch, self._timers.lease)
        if not renewed:
            self._superseded()
            return
        self._tenure.prolong(asked + self._timers.lease)
        await self._start_services()

    async def _release(self, *, reserved_seconds: float) -> None:
        epoch = self._tenure.epoch
        if epoch is None:
            return
        self._tenure.end(lost=False)
        await self._tenure.quiet()
        async with self._session.use(self._timers.lease) as connection:
            await lease_store.release(connection, self._node, epoch, reserved_seconds)
        log.info("services released", extra={"fields": {"epoch": epoch}})

    def _superseded(self) -> None:
        log.warning("the lease was lost", extra={"fields": {"epoch": self._tenure.epoch}})
        self._tenure.end(lost=True)

    def _pause(self, seen: Lease) -> float:
        if self._tenure.epoch is not None:
            until_start = self._services_start_at - time.monotonic()
            return self._timers.renew if self._started else min(self._timers.renew, max(0.01, until_start))
        if seen.assigned_to == self._node or self._tenure.state == "fenced":
            return _HANDOVER_CHECK_SECONDS
        # Read just after the expiry, if that comes before the next regular reading.
        return min(self._timers.check, max(0.01, seen.remaining_seconds)) if not seen.expired else self._timers.check
