"""Connections to PostgreSQL: several hosts, short time-outs, and a deadline for every operation."""

import asyncio
import logging
import math
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from redlab_node import patience

log = logging.getLogger(__name__)

Connection: TypeAlias = psycopg.AsyncConnection[Any]
OnConnect: TypeAlias = Callable[[Connection], Awaitable[None]]

_CONNECT_TIMEOUT_SECONDS = math.ceil(patience.seconds(1, 8))
_SILENCE_MILLISECONDS = round(1000 * patience.seconds(2, 4))
_CLIENT_SETTINGS = {
    "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
    "keepalives_idle": 1,
    "keepalives_interval": math.ceil(patience.seconds(1, 1)),
    "keepalives_count": 2,
    "tcp_user_timeout": _SILENCE_MILLISECONDS,  # a host that drops packets is given up after this time
    # A session that stalls inside a transaction must not block its successor.
    "options": " ".join(
        f"-c {setting}={_SILENCE_MILLISECONDS}" for setting in ("idle_in_transaction_session_timeout", "lock_timeout")
    ),
}


def failure(error: Exception) -> str:
    """Describe for users why the database is unavailable: it refuses this node, or does not answer."""
    said = str(error)
    if "certificate verify failed" in said or "server certificate for" in said:
        return "the database's certificate is not accepted: it has expired, or is not this lab's for that server"
    if "does not support SSL" in said:
        return "the database does not speak TLS, which this lab demands (topology: encryption.databases)"
    refused = any(words in said for words in ("authentication failed", "pg_hba.conf"))
    return "the database does not accept this node's password" if refused else "the database does not answer"


class Database:
    """The address of the database, and this node's credentials."""

    def __init__(self, dsn: str, password: str, application_name: str, *, any_role: bool = False) -> None:
        """Use the DSN's parameters; with ``any_role`` a standby is accepted, too."""
        self._parameters = {
            **conninfo_to_dict(dsn),
            **({"target_session_attrs": "any"} if any_role else {}),
            **_CLIENT_SETTINGS,
            "password": password,
            "application_name": application_name,
        }
        self.application_name = application_name
        self._standing_by: dict[str, Connection] = {}

    async def connect(self, database: str) -> Connection:
        """Connect to a logical database, in autocommit mode; raises psycopg.OperationalError.

        All hosts are tried at once, and the first that meets the DSN's demand (`target_session_attrs`) wins: a dead or
        hanging host costs no time when another answers.
        """
        hosts = str(self._parameters["host"]).split(",")
        if len(hosts) == 1 and self._parameters.get("target_session_attrs") == "read-write":
            return await self._connect_alone(database)
        ports = str(self._parameters.get("port", 5432)).split(",")
        attempts = [
            asyncio.create_task(self._connect(host=host, port=ports[index % len(ports)], dbname=database))
            for index, host in enumerate(hosts)
        ]
        failures: list[str] = []
        chosen: Connection | None = None
        try:
            for attempt in asyncio.as_completed(attempts):
                try:
                    chosen = await attempt
                except psycopg.OperationalError as error:
                    failures.append(str(error).strip())
                else:
                    return chosen
        finally:
            for task in attempts:
                task.cancel()
            for found in await asyncio.gather(*attempts, return_exceptions=True):
                if isinstance(found, psycopg.AsyncConnection) and found is not chosen:
                    await found.close()
        raise psycopg.OperationalError("; ".join(failures))

    async def _connect_alone(self, database: str) -> Connection:
        """Connect to the only server. While it is a standby, perhaps for days, its session is kept and asked again.

        Otherwise the nodes of a standby site would open some thirty sessions a second, which cost a tenth of the
        machine.
        """
        kept = self._standing_by.pop(database, None)
        connection = kept or await self._connect(dbname=database, target_session_attrs="any")
        try:
            if kept:
                # With any answer the server reports a change of its role (PostgreSQL 14 and later).
                async with deadline(kept, _CONNECT_TIMEOUT_SECONDS):
                    await kept.execute("SELECT")
        except BaseException:
            await connection.close()
            raise
        if _accepts_writes(connection):
            return connection
        if database in self._standing_by:
            await connection.close()
        else:
            self._standing_by[database] = connection
        raise psycopg.OperationalError("the database server stands by")

    async def _connect(self, **place: str) -> Connection:
        return await psycopg.AsyncConnection.connect(make_conninfo(**{**self._parameters, **place}), autocommit=True)


def _accepts_writes(connection: Connection) -> bool:
    """Whether the server takes writes in this session, by its last answer (PostgreSQL 14 and later report it)."""
    reported = connection.info.parameter_status
    return "on" not in (reported("in_hot_standby"), reported("default_transaction_read_only"))


class BusyError(psycopg.OperationalError):
    """Other users kept the session for so long that this one's turn did not come in time."""


class Session:
    """One connection, opened when needed and again after a loss; its users take turns."""

    def __init__(self, database: Database, name: str, on_connect: OnConnect | None = None) -> None:
        self._database = database
        self._name = name
        self._on_connect = on_connect
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def use(self, seconds: float) -> AsyncIterator[Connection]:
        """Give the connection, after at most `seconds` of waiting, for at most `seconds`.

        A connection on which an operation failed is not used again. Raises BusyError when other users keep it.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise BusyError(f"others use the session with {self._name}") from None
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await self._database.connect(self._name)
                if self._on_connect is not None:
                    async with self._guarded(self._connection, seconds):
                        await self._on_connect(self._connection)
            async with self._guarded(self._connection, seconds) as connection:
                yield connection
        finally:
            self._turn.release()

    @asynccontextmanager
    async def _guarded(self, connection: Connection, seconds: float) -> AsyncIterator[Connection]:
        try:
            async with deadline(connection, seconds):
                yield connection
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def wait_for_news(self, seconds: float) -> None:
        """Wait until the server sends something (a notification, the end of the connection), at most `seconds`."""
        loop = asyncio.get_running_loop()
        connection = self._connection
        if connection is None or connection.closed:
            return
        news = asyncio.Event()
        descriptor = connection.fileno()
        loop.add_reader(descriptor, news.set)
        try:
            await asyncio.wait_for(news.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            loop.remove_reader(descriptor)


@asynccontextmanager
async def deadline(connection: Connection, seconds: float) -> AsyncIterator[None]:
    """After `seconds`, make the operation in progress fail, and close its connection."""
    timer = asyncio.get_running_loop().call_later(seconds, _cut, connection)
    try:
        yield
    finally:
        timer.cancel()


async def make_tables(connection: Connection, statements: str, lock: int) -> None:
    """Run statements such as CREATE … IF NOT EXISTS in a transaction, one session at a time.

    Those fail when two sessions run them at once; ``lock`` is any number that all who make the same tables use.
    A server that accepts no writes, such as one that is frozen for its switchover, stays as it is: it can be read.
    """
    if not _accepts_writes(connection):
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock,))
        await connection.execute(statements)


def _cut(connection: Connection) -> None:
    """Shut the socket down, so that the operation in progress fails at once.

    Cancelling the task instead would make psycopg send a cancel request over a new, blocking connection. A server
    that hangs would then hang this process.
    """
    if connection.closed:
        return
    log.warning("a database operation was cut off at its deadline")
    with socket.socket(fileno=os.dup(connection.fileno())) as duplicate:
        duplicate.shutdown(socket.SHUT_RDWR)
