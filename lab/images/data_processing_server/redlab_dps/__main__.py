"""Starts the data processing server."""

import asyncio
import logging
import os
import secrets

import aiohttp
from redlab_node import asking, environment, program, serving
from redlab_node.database import Database
from redlab_node.retention import DEFAULT_SECONDS

from redlab_dps.collected import Collected
from redlab_dps.configuration import Configuration
from redlab_dps.desk import Desk
from redlab_dps.exchange import Exchange
from redlab_dps.exchange_store import ExchangeStore
from redlab_dps.keeper import Declared, LeaseKeeper, Timers
from redlab_dps.peer import Peer
from redlab_dps.puller import Puller
from redlab_dps.rejected import Rejected
from redlab_dps.retention import Sweeper
from redlab_dps.server import Server
from redlab_dps.tenure import Tenure
from redlab_dps.writer import Writer

log = logging.getLogger("redlab_dps")


async def serve(node: str) -> None:
    """Serve until the process is asked to stop."""
    gateways, instance = environment.peers("REDLAB_GATEWAYS"), os.environ.get("REDLAB_INSTANCE", "")
    token = environment.secret("admin-token") if instance else ""
    timers = Timers(
        lease=environment.number("REDLAB_LEASE_SECONDS", 1.5),
        renew=environment.number("REDLAB_RENEW_SECONDS", 0.4),
        check=environment.number("REDLAB_CHECK_SECONDS", 0.2),
        service_start=environment.number("REDLAB_SERVICE_START_SECONDS", 0),
    )
    # A takeover ends the former holder's sessions. It finds them by the node's name; the random part distinguishes
    # them from the sessions of the same node's next process.
    name = f"{node}/{secrets.token_hex(4)}"
    database = Database(environment.text("REDLAB_DATABASE_DSN"), environment.secret("database-password"), name)
    declared = Declared(
        environment.flag("REDLAB_AUTOMATIC_FAILOVER"),
        environment.flag("REDLAB_STANDBY_SITE"),
        environment.instance(),
        exchange=bool(instance),
    )
    stop = serving.stop_requested()
    tenure = Tenure()
    configuration = Configuration(database, tenure)
    collected = Collected(database, node, environment.text("REDLAB_SITE"))
    rejected = Rejected(database, node, tenure)
    keeper = LeaseKeeper(node, database, tenure, timers, declared, collected)
    async with asking.session() as client:
        exchange = _exchange(node, instance, database, token, client, tenure) if instance else None
        pullers = [
            Puller(
                gateway,
                url,
                client,
                Writer(database, node, gateway, collected, configuration, shared=exchange is not None),
                rejected,
                tenure,
                exchange.seen if exchange else None,
            )
            for gateway, url in gateways.items()
        ]
        server = Server(node, database, tenure, pullers, rejected, exchange, token)
        runners = await serving.listen({8090: server.application()})
        kept_seconds = environment.number("REDLAB_RETENTION_SECONDS", DEFAULT_SECONDS)
        sweeper = Sweeper(database, tenure, kept_seconds, shared=exchange is not None)
        loops = (configuration, rejected, sweeper, *pullers, *([exchange] if exchange else []))
        pulling = [asyncio.create_task(loop.run()) for loop in loops]
        keeping = asyncio.create_task(keeper.run(stop))
        log.info("ready")
        # A loop that ends without being asked has a defect, and the process ends with its traceback.
        await asyncio.wait({keeping, *pulling}, return_when=asyncio.FIRST_COMPLETED)
        await serving.close(runners)
        for loop in (keeping, *pulling):
            if loop.done():
                loop.result()
    log.info("stopped")


def _exchange(
    node: str, instance: str, database: Database, token: str, client: aiohttp.ClientSession, tenure: Tenure
) -> Exchange:
    """Return the exchange with the twin of ``instance``."""
    peer = Peer(
        instance,
        environment.peers("REDLAB_EXCHANGE_PEERS"),
        token,
        environment.number("REDLAB_TAKEOVER_SECONDS", 2),
        client,
    )
    desks = {
        action: Desk(f"{environment.text(variable)}/v1/{action}s", token, instance, client)
        for action, variable in (
            ("incident", "REDLAB_SERVICE_MANAGER"),
            ("run", "REDLAB_OPERATIONS_ORCHESTRATION"),
        )
    }
    return Exchange(instance, ExchangeStore(database, node, instance), peer, desks, tenure)


if __name__ == "__main__":
    program.run(serve)
