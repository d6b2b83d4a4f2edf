"""The system's health: every node's own report, the services, the controller."""

import asyncio
import time
from typing import Any

import aiohttp
from redlab_node import patience

from redlab_gateway.gateway_state import gateway_state
from redlab_gateway.replication import Replication
from redlab_gateway.services import ServicesWatch
from redlab_gateway.settings import Settings

# A load balancer waits 1.6 s for the whole answer.
_TIMEOUT = aiohttp.ClientTimeout(total=min(1.3, patience.seconds(0.5, 2)), sock_connect=patience.seconds(0.3, 1))
Health = dict[str, Any]


class SystemHealth:
    """Collects the reports of the nodes."""

    def __init__(
        self,
        watch: ServicesWatch,
        settings: Settings,
        replication: Replication,
        gateways: dict[str, str],
        servers: dict[str, str],
        client: aiohttp.ClientSession,
    ) -> None:
        self._watch = watch
        self._settings = settings
        self._replication = replication
        self._gateways = gateways
        self._servers = servers
        self._client = client

    async def known(self) -> Health:
        """Return the reports; the controller's setting is None while the database is away."""
        automatic_failover, nodes = await asyncio.gather(self._automatic_failover(), self._nodes())
        return {
            "nodes": nodes,
            "services": self.services(),
            "controller": {"automatic_failover": automatic_failover},
        }

    async def all_known(self) -> Health:
        """Return :meth:`known` and the database's replication, None while the database does not answer."""
        known, replication = await asyncio.gather(self.known(), self._replication.known())
        return {**known, "replication": replication, "reason": None if self._watch.active() else self._watch.reason()}

    def reason(self) -> str:
        """Return why the database is away, or why no DPS is active."""
        return self._watch.reason()

    async def _automatic_failover(self) -> bool | None:
        try:
            return await self._settings.automatic_failover()
        except ConnectionError:
            return None

    async def _nodes(self) -> list[Health]:
        nodes = await asyncio.gather(
            *(self._gateway(name, url) for name, url in self._gateways.items()),
            *(self._server(name, url) for name, url in self._servers.items()),
        )
        database = "ready" if self._watch.failure is None else "unknown"
        return [*nodes, {"name": "database", "role": "database", "state": database}]

    def services(self) -> Health:
        """Return the holder of the services and the lease's state."""
        now = time.monotonic()
        services = self._watch.services
        lease = services.lease
        return {
            "assigned_to": lease.assigned_to if lease else None,
            "active": services.active(now),
            "state": services.state(now),
            "epoch": lease.epoch if lease else 0,
            "expires_in_seconds": round(max(0.0, services.remaining_seconds(now)), 3),
        }

    async def _gateway(self, name: str, url: str) -> Health:
        ready, queue = await asyncio.gather(self._get(f"{url}/readyz"), self._get(f"{url}/v1/queue"))
        state, reason = gateway_state(ready, queue)
        return {"name": name, "role": "gateway", **(queue or {}), "state": state, "reason": reason}

    async def _server(self, name: str, url: str) -> Health:
        status = await self._get(f"{url}/v1/status")
        node: Health = {"name": name, "role": "data_processing_server"}
        if status is None:
            return {**node, "state": "unreachable"}
        return {**node, **{key: status.get(key) for key in ("state", "epoch", "processed_events", "rejected_events")}}

    async def _get(self, url: str) -> Health | None:
        try:
            async with self._client.get(url, timeout=_TIMEOUT) as answer:
                found = await answer.json()
                return found if isinstance(found, dict) else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None
