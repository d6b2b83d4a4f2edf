"""Port 8082: readiness for the load balancer, and the queue's exit for the DPS."""

from aiohttp import web
from redlab_node.serving import application, document

from redlab_gateway.instance import Instance
from redlab_gateway.queue import Queue

_MAX_PULL_BYTES = 1024 * 1024
"""PostgreSQL needs seventy times as much memory to parse it, in each session that writes."""
_MAX_WAIT_SECONDS = 5.0


class Site:
    """Readiness, and the queue's exit."""

    def __init__(self, queue: Queue, instance: Instance) -> None:
        self._queue = queue
        self._instance = instance
        self.draining = False

    def application(self, node: str) -> web.Application:
        """Return the application for the site's port."""
        app = application(node)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/livez", self._alive)
        app.router.add_get("/v1/queue", self._state)
        app.router.add_post("/v1/pull", self._pull)
        app.router.add_post("/v1/acknowledge", self._acknowledge)
        return app

    async def _ready(self, _: web.Request) -> web.Response:
        reason = "draining" if self.draining else self._instance.refusal
        reason = reason or await self._queue.check() or self._queue.full
        return web.json_response({"ready": reason is None, "reason": reason or ""}, status=503 if reason else 200)

    async def _alive(self, _: web.Request) -> web.Response:
        """Answer whether the gateway works: a standby or full gateway is alive, too."""
        reason = await self._queue.check()
        return web.json_response({"alive": reason is None, "reason": reason or ""}, status=503 if reason else 200)

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "pending_events": self._queue.pending_events,
                "oldest_age_seconds": round(await self._queue.oldest_age_seconds(), 3),
            }
        )

    async def _pull(self, request: web.Request) -> web.Response:
        """Answer with the oldest batches, or 204 without any; this removes nothing."""
        try:
            wanted = await document(request)
            max_events, wait_seconds = int(wanted["max_events"]), float(wanted["wait_seconds"])
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "max_events and wait_seconds are needed"}, status=400)
        chunk = await self._queue.oldest(max_events, _MAX_PULL_BYTES, min(wait_seconds, _MAX_WAIT_SECONDS))
        if chunk is None:
            return web.Response(status=204)
        headers = {
            "X-Redlab-Queue": chunk.queue,
            "X-Redlab-Through": str(chunk.through),
            "X-Redlab-Events": str(chunk.events),
        }
        return web.Response(body=chunk.body, content_type="application/json", headers=headers)

    async def _acknowledge(self, request: web.Request) -> web.Response:
        """Remove batches that a DPS has committed to the database."""
        try:
            done = await document(request)
            queue, through = str(done["queue"]), min(int(done["through"]), 2**63 - 1)
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "queue and through are needed"}, status=400)
        return web.json_response({"removed_events": await self._queue.remove(queue, through)})
