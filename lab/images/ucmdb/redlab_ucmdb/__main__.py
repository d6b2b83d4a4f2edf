"""Starts the UCMDB."""

import asyncio
import logging
from pathlib import Path

from redlab_node import asking, environment, program, serving

from redlab_ucmdb import integration
from redlab_ucmdb.remote_store import RemoteStore
from redlab_ucmdb.rtsm_store import RtsmStore
from redlab_ucmdb.runner import Runner
from redlab_ucmdb.server import Server
from redlab_ucmdb.sqlite_store import SqliteStore
from redlab_ucmdb.store import Store

PORT = 8100
FILE = Path("/var/lib/ucmdb/topology.sqlite")

log = logging.getLogger("redlab_ucmdb")


async def serve(node: str) -> None:
    """Serve until the process is asked to stop."""
    places = environment.texts("REDLAB_STORES")
    master = environment.text("REDLAB_TOPOLOGY_MASTER")
    wanted = integration.parse(environment.text("REDLAB_INTEGRATIONS"), places)
    token, password = environment.secret("admin-token"), environment.secret("database-password")
    ucmdbs = frozenset(name for name, place in places.items() if integration.is_ucmdb(place))
    if node not in ucmdbs or master not in ucmdbs:
        raise environment.InvalidEnvironmentError(f"REDLAB_STORES: {node} and {master} are not among its UCMDBs")
    stop = serving.stop_requested()
    own = SqliteStore(FILE, node, master)
    async with asking.session() as client:

        def store(name: str) -> Store:
            if name == node:
                return own
            if name in ucmdbs:
                return RemoteStore(name, places[name], token, client)
            # Each integration has its own session, because a session serves one operation at a time.
            return RtsmStore(name, places[name], password, node, master)

        runners = [Runner(one, store(one.source), store(one.target)) for one in wanted if one.runs_at(ucmdbs) == node]
        listening = await serving.listen({PORT: Server(own, master, token, runners).application()})
        running = [asyncio.create_task(runner.run()) for runner in runners if runner.status()["state"] != "asked"]
        stopping = asyncio.create_task(stop.wait())
        log.info("ready")
        # A loop that ends unasked has a defect, and the process ends with its traceback.
        await asyncio.wait({stopping, *running}, return_when=asyncio.FIRST_COMPLETED)
        await serving.close(listening)
        for task in running:
            if task.done():
                task.result()
    own.close()
    log.info("stopped")


if __name__ == "__main__":
    program.run(serve)
