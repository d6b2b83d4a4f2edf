"""Starts the gateway."""

import asyncio
import logging
from pathlib import Path

from redlab_node import asking, environment, program, serving
from redlab_node.database import Database, Session

from redlab_gateway.collectors import Collectors
from redlab_gateway.configuration import ConfigurationApi
from redlab_gateway.configuration_store import ConfigurationStore
from redlab_gateway.guard import Guard
from redlab_gateway.health import SystemHealth
from redlab_gateway.instance import Instance
from redlab_gateway.logins import Logins
from redlab_gateway.management import Management
from redlab_gateway.queue import Limits, Queue
from redlab_gateway.replication import Replication
from redlab_gateway.services import ServicesWatch
from redlab_gateway.sessions import Sessions
from redlab_gateway.settings import Settings
from redlab_gateway.site import Site
from redlab_gateway.store import Store
from redlab_gateway.system_health import SystemHealthPage
from redlab_gateway.users import Users

log = logging.getLogger("redlab_gateway")

_MEBIBYTE = 1024 * 1024
_QUEUE_FILE = Path("/var/lib/gateway/queue.sqlite")


async def serve(node: str) -> None:
    """Serve until the process is asked to stop."""
    token = environment.secret("admin-token")
    servers, gateways = environment.peers("REDLAB_DPS"), environment.peers("REDLAB_GATEWAYS")
    dsn, password = environment.text("REDLAB_DATABASE_DSN"), environment.secret("database-password")
    database = Database(dsn, password, node)
    may_stand_by = environment.flag("REDLAB_MAY_STAND_BY")
    own = Database(dsn, password, node, any_role=True) if may_stand_by else None
    instance, replication = Instance(own), Replication(own or database)
    limits = Limits(
        int(environment.number("REDLAB_QUEUE_LIMIT_EVENTS", 1_000_000)),
        int(environment.number("REDLAB_QUEUE_LIMIT_MEBIBYTES", 1024) * _MEBIBYTE),
        int(environment.number("REDLAB_QUEUE_RESERVE_MEBIBYTES", 32) * _MEBIBYTE),
    )
    queue = Queue(Store(_QUEUE_FILE), limits)
    drain_seconds = environment.number("REDLAB_DRAIN_SECONDS", 1.0)
    stop = serving.stop_requested()
    watch, site = ServicesWatch(database), Site(queue, instance)
    decided = Session(database, "management"), Session(database, "event")
    settings, sessions = Settings(*decided), Sessions(token)
    logins = Logins(Session(database, "management"))
    guard = Guard(token, sessions, logins)
    async with asking.session() as client:
        health = SystemHealth(watch, settings, replication, gateways, servers, client)
        front = serving.application(node)
        Users(watch, servers, client).add_routes(front)
        Management(settings, health, servers, guard).add_routes(front)
        ConfigurationApi(ConfigurationStore(*decided), guard).add_routes(front)
        SystemHealthPage(sessions, logins, guard).add_routes(front)
        runners = await serving.listen(
            {8080: Collectors(queue, instance).application(node), 8081: front, 8082: site.application(node)}
        )
        watching = [asyncio.create_task(loop) for loop in (watch.run(stop), instance.run(stop), logins.run(stop))]
        log.info("ready", extra={"fields": {"pending_events": queue.pending_events}})
        # A watch ends unasked only because of a defect; the process then ends with its traceback.
        await asyncio.wait({*watching, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        # Not ready for a while before it ends: the load balancers then stop sending requests here.
        site.draining = True
        log.info("draining")
        await asyncio.sleep(drain_seconds)
        await serving.close(runners)
        await asyncio.gather(*watching)
    await queue.close()
    log.info("stopped")


if __name__ == "__main__":
    program.run(serve)
