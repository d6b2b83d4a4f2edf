"""A database that comes back empty gets all its tables from the running servers, without a restart."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.unit.without_psycopg import AsyncConnection, OperationalError, load


class Server:
    """A database server with the tables of each database; a broken connection fails at its next use."""

    def __init__(self) -> None:
        self.life = 0
        self.tables: set[str] = set()

    def lose_volume(self) -> None:
        self.life += 1
        self.tables.clear()

    async def connect(self, _: str) -> ServerConnection:
        return ServerConnection(self)


class ServerConnection(AsyncConnection):
    """A connection; a restart of its server shows in the next statement."""

    def __init__(self, server: Server) -> None:
        self._server, self._life = server, server.life

    async def execute(self, *_: object) -> None:
        if self._life != self._server.life:
            raise OperationalError("server closed the connection unexpectedly")

    async def make(self, table: str) -> None:
        await self.execute()
        self._server.tables.add(table)


def test_the_holder_creates_the_tables_of_every_database_again(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = load(monkeypatch, "redlab_dps.keeper")
    server = Server()

    async def make_event(connection: ServerConnection, **_: object) -> None:
        await connection.make("leases")

    async def make_management(connection: ServerConnection, *_: object) -> None:
        await connection.make("configuration")

    async def register(connection: ServerConnection, *_: object) -> None:
        await connection.execute()

    monkeypatch.setattr(keeper.schema, "make_event", make_event)
    monkeypatch.setattr(keeper.schema, "make_management", make_management)
    monkeypatch.setattr(keeper.lease_store, "register", register)

    async def run() -> list[set[str]]:
        timers = keeper.Timers(lease=1.0, renew=0.3, check=0.2, service_start=0.0)
        declared = keeper.Declared(automatic_failover=True, standby_site=False, parameters={})
        kept = keeper.LeaseKeeper("dps1", server, None, timers, declared, None)

        async def reading() -> None:
            async with kept._session.use(1.0) as connection:
                await connection.execute()

        await reading()
        before = set(server.tables)
        server.lose_volume()
        with pytest.raises(OperationalError):
            await reading()
        await reading()
        return [before, server.tables]

    assert asyncio.run(run()) == [{"leases", "configuration"}] * 2
