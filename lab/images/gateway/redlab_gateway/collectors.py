"""Port 8080: collectors send events."""

import asyncio

from aiohttp import web
from redlab_node.serving import application

from redlab_gateway.batches import MAX_BODY_BYTES, Batch, MalformedBatchError, parse
from redlab_gateway.instance import Instance
from redlab_gateway.queue import Queue, QueueUnavailableError

_LARGE_BYTES = 64 * 1024


class Collectors:
    """Acknowledges events once they are durable."""

    def __init__(self, queue: Queue, instance: Instance) -> None:
        self._queue = queue
        self._instance = instance
        self._large = asyncio.Lock()

    def application(self, node: str) -> web.Application:
        """Return the application for the collectors' port."""
        app = application(node, MAX_BODY_BYTES)
        app.router.add_post("/v1/events", self._events)
        return app

    async def _parse(self, body: bytes) -> Batch:
        """Check a body. A large one takes a moment; between two of them other requests are served."""
        if len(body) < _LARGE_BYTES:
            return parse(body)
        async with self._large:
            await asyncio.sleep(0)
            return parse(body)

    async def _events(self, request: web.Request) -> web.Response:
        if self._instance.refusal:
            return _unavailable(self._instance.refusal)
        try:
            batch = await self._parse(await request.read())
            await self._queue.accept(batch)
        except MalformedBatchError as error:
            return web.json_response({"error": str(error)}, status=400)
        except QueueUnavailableError as error:
            return _unavailable(str(error))
        return web.Response(body=b'{"acknowledged": %d}' % batch.events, content_type="application/json")


def _unavailable(reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=503, headers={"Retry-After": "1"})
