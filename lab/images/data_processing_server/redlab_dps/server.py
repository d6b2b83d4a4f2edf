"""Port 8090: this node's state, and the latest events for the users' pages."""

import json
from collections import Counter
from collections.abc import Sequence

import psycopg
from aiohttp import web
from redlab_node.database import Database, Session, failure
from redlab_node.serving import application, document, refusal

from redlab_dps.exchange import Exchange, NotActiveError
from redlab_dps.kinds import EVENT, METRIC, TOPOLOGY
from redlab_dps.puller import Puller
from redlab_dps.rejected import Rejected
from redlab_dps.shared_event import content_of, parse
from redlab_dps.tenure import Tenure

_SECONDS = 1.0
_MAXIMUM_BYTES = 4 * 1024 * 1024
_RECENT = """
    SELECT coalesce(json_agg(recent), '[]')::text FROM (
        SELECT collector, seq, gateway, accepted_at, processed_at, dps, epoch
        FROM events ORDER BY processed_at DESC LIMIT 20
    ) AS recent
"""


class Server:
    """Answers gateways and operators."""

    def __init__(
        self,
        node: str,
        database: Database,
        tenure: Tenure,
        pullers: Sequence[Puller],
        rejected: Rejected,
        exchange: Exchange | None = None,
        token: str = "",
    ) -> None:
        self._exchange = exchange
        self._token = token
        self._node = node
        self._session = Session(database, "event")
        self._tenure = tenure
        self._pullers = pullers
        self._rejected = rejected

    def application(self) -> web.Application:
        """Return the application."""
        app = application(self._node, _MAXIMUM_BYTES)
        app.router.add_get("/v1/status", self._status)
        app.router.add_get("/v1/recent", self._recent)
        if self._exchange:
            app.router.add_post("/v1/exchange", self._merge)
        return app

    async def _status(self, _: web.Request) -> web.Response:
        processed = sum((puller.processed for puller in self._pullers), Counter[str]())
        return web.json_response(
            {
                "node": self._node,
                "state": self._tenure.state,
                "epoch": self._tenure.epoch,
                "processed_events": processed[EVENT],
                "processed_metrics": processed[METRIC],
                "processed_topology": processed[TOPOLOGY],
                "rejected_events": self._rejected.total if self._tenure.state == "active" else None,
                "exchange": self._exchange.status() if self._exchange else None,
            }
        )

    async def _merge(self, request: web.Request) -> web.Response:
        """Take in the other instance's events; answer with those that it does not know in full."""
        if self._exchange is None:
            raise web.HTTPNotFound
        if (refused := refusal(request, self._token)) is not None:
            return refused
        try:
            messages = (await document(request))["events"]
            told = [parse(message) for message in messages]
            contents = {
                event.key: content
                for event, message in zip(told, messages, strict=True)
                if (content := content_of(message)) is not None
            }
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "events is no list of shared events"}, status=400)
        try:
            unknown = await self._exchange.merge(told, contents)
        except NotActiveError:
            return _unavailable(f"{self._node} is {self._tenure.state}")
        except (psycopg.Error, OSError) as error:
            return _unavailable(failure(error))
        return web.json_response({"events": [event.message() for event in unknown]})

    async def _recent(self, _: web.Request) -> web.Response:
        if self._tenure.state != "active":
            return _unavailable(f"{self._node} is {self._tenure.state}")
        epoch = self._tenure.epoch
        try:
            async with self._session.use(_SECONDS) as connection:
                row = await (await connection.execute(_RECENT)).fetchone()
        except (psycopg.Error, OSError) as error:
            return _unavailable(failure(error))
        if self._tenure.state != "active" or self._tenure.epoch != epoch or row is None:
            return _unavailable(f"{self._node} is {self._tenure.state}")
        answer = f'{{"events": {row[0]}, "processed_by": {json.dumps(self._node)}, "epoch": {epoch}}}'
        return web.Response(text=answer, content_type="application/json")


def _unavailable(reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=503, headers={"Retry-After": "1"})
