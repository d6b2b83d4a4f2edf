"""Starts Service Manager or Operations Orchestration; the only argument names the actions: incidents or runs."""

import asyncio
import logging
import os
import sys

from redlab_node import environment, program, serving
from redlab_node.database import Database
from redlab_node.retention import DEFAULT_SECONDS, Retention

from redlab_action.action import INCIDENTS, RUNS
from redlab_action.server import Server
from redlab_action.store import KEPT, Store
from redlab_action.ucmdb import Ucmdb

log = logging.getLogger("redlab_action")


async def serve(node: str) -> None:
    """Serve until the process is asked to stop."""
    kind = {one.collection: one for one in (INCIDENTS, RUNS)}[sys.argv[1]]
    dsn, token = environment.text("REDLAB_DATABASE_DSN"), environment.secret("admin-token")
    database = Database(dsn, environment.secret("database-password"), node)
    store = Store(database, environment.text("REDLAB_DATABASE"), kind.prefix)
    ucmdb = Ucmdb(os.environ.get("REDLAB_UCMDB", "").rstrip("/"), store)
    stop = serving.stop_requested()
    listening = await serving.listen({kind.port: Server(node, kind, store, token, ucmdb).application()})
    kept_seconds = environment.number("REDLAB_RETENTION_SECONDS", DEFAULT_SECONDS)
    retention = Retention(database, {environment.text("REDLAB_DATABASE"): (KEPT,)}, kept_seconds)
    working = [asyncio.create_task(loop) for loop in (ucmdb.run(), retention.run())]
    log.info("ready")
    await stop.wait()
    for task in working:
        task.cancel()
    await serving.close(listening)
    log.info("stopped")


if __name__ == "__main__":
    program.run(serve)
