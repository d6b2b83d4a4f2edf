"""Starts the data processing server."""

import asyncio
import logging
import secrets

import aiohttp
from redlab_node import environment, program, serving
from redlab_node.database import Database

from redlab_dps.keeper import Declared, LeaseKeeper, Timers
from redlab_dps.puller import Puller
from redlab_dps.server import Server
from redlab_dps.tenure import Tenure
from redlab_dps.writer import Writer

log = logging.getLogger("redlab_dps")


async def serve(node: str) -> None:
    """Serve until the process is asked to stop."""
    gateways = environment.peers("REDLAB_GATEWAYS")
    timers = Timers(
        lease=environment.number("REDLAB_LEASE_SECONDS", 1.5),
        renew=environment.number("REDLAB_RENEW_SECONDS", 0.4),
        check=environment.number("REDLAB_CHECK_SECONDS", 0.2),
        service_start=environment.number("REDLAB_SERVICE_START_SECONDS", 0),
    )
    # A takeover ends the sessions of the former holder: known by the node's name, told apart from those of the
    # same node's next process by the rest.
    name = f"{node}/{secrets.token_hex(4)}"
    database = Database(environment.text("REDLAB_DATABASE_DSN"), environment.secret("database-password"), name)
    declared = Declared(
        environment.flag("REDLAB_AUTOMATIC_FAILOVER"),
        environment.flag("REDLAB_STANDBY_SITE"),
        environment.instance(),
    )
    stop = serving.stop_requested()
    tenure = Tenure()
    keeper = LeaseKeeper(node, database, tenure, timers, declared)
    async with aiohttp.ClientSession() as client:
        pullers = [
            Puller(gateway, url, client, Writer(database, node, gateway), tenure) for gateway, url in gateways.items()
        ]
        runners = await serving.listen({8090: Server(node, database, tenure, pullers).application()})
        pulling = [asyncio.create_task(puller.run()) for puller in pullers]
        keeping = asyncio.create_task(keeper.run(stop))
        log.info("ready")
        # A loop that ends before it is asked to has a defect, and the process ends with its traceback.
        await asyncio.wait({keeping, *pulling}, return_when=asyncio.FIRST_COMPLETED)
        await serving.close(runners)
        for loop in (keeping, *pulling):
            if loop.done():
                loop.result()
    log.info("stopped")


if __name__ == "__main__":
    program.run(serve)
