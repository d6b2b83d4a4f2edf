"""Port 8080: collectors send events."""

from aiohttp import web
from redlab_node.serving import application

from redlab_gateway.batches import MAX_BODY_BYTES, MalformedBatchError, parse
from redlab_gateway.instance import Instance
from redlab_gateway.queue import Queue, QueueUnavailableError


class Collectors:
    """Acknowledges events once they are durable."""

    def __init__(self, queue: Queue, instance: Instance) -> None:
        self._queue = queue
        self._instance = instance

    def application(self, node: str) -> web.Application:
        """Return the application for the collectors' port."""
        app = application(node, MAX_BODY_BYTES)
        app.router.add_post("/v1/events", self._events)
        return app

    async def _events(self, request: web.Request) -> web.Response:
        if self._instance.refusal:
            return _unavailable(self._instance.refusal)
        try:
            batch = parse(await request.read())
            await self._queue.accept(batch)
        except MalformedBatchError as error:
            return web.json_response({"error": str(error)}, status=400)
        except QueueUnavailableError as error:
            return _unavailable(str(error))
        return web.Response(body=b'{"acknowledged": %d}' % batch.events, content_type="application/json")


def _unavailable(reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=503, headers={"Retry-After": "1"})
