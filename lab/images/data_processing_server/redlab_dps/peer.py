"""The other instance: its active server, the time of its last sign of life, and the messages to it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence

import aiohttp
from redlab_node import patience
from redlab_node.parts import LARGEST_POST_BYTES, parts

from redlab_dps.shared_event import Contents, SharedEvent, parse

_TIMEOUT = aiohttp.ClientTimeout(total=patience.seconds(3, 3), sock_connect=patience.seconds(0.3, 2))


class UnreachableError(Exception):
    """None of the other instance's servers accepted the message."""


class Peer:
    """The data processing servers of the other instance."""

    def __init__(
        self,
        instance: str,
        servers: Mapping[str, str],
        token: str,
        takeover_seconds: float,
        client: aiohttp.ClientSession,
    ) -> None:
        self._instance = instance
        self._urls = list(servers.values())
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._client = client
        self.takeover_seconds = takeover_seconds
        self._heard_at = time.monotonic()
        self.sent_events = self.received_events = self.sent_bytes = 0

    @property
    def silent(self) -> bool:
        """True if the other instance has been silent for so long that this one acts in its place."""
        return time.monotonic() - self._heard_at > self.takeover_seconds

    def heard(self) -> None:
        """Record a sign of life."""
        self._heard_at = time.monotonic()

    async def tell(self, events: Sequence[SharedEvent], contents: Contents) -> list[SharedEvent]:
        """Send events (an empty list is a sign of life); return the other instance's knowledge beyond them.

        ``contents``: of those events that none of its collectors sends. The other instance has stored them durably when
        this returns. Raises UnreachableError.
        """
        messages = [
            json.dumps({**event.message(), **({"content": contents[event.key]} if event.key in contents else {})})
            for event in events
        ]
        answered = []
        for part in parts(messages, LARGEST_POST_BYTES):
            answered += await self._tell(
                f'{{"from": {json.dumps(self._instance)}, "events": [{", ".join(part)}]}}'.encode()
            )
        self.sent_events += len(events)
        return answered

    async def _tell(self, body: bytes) -> list[SharedEvent]:
        failures = []
        for url in tuple(self._urls):
            try:
                answered = await self._post(url, body)
            except (aiohttp.ClientError, TimeoutError, KeyError, ValueError, TypeError) as error:
                # Not the error's repr: in aiohttp it has the request's headers, and with them the token.
                failures.append(f"{url}: {type(error).__name__} {error}")
                # The server that answered last is asked first.
                self._urls.append(self._urls.pop(0))
                continue
            self.heard()
            return answered
        raise UnreachableError("; ".join(failures))

    async def _post(self, url: str, body: bytes) -> list[SharedEvent]:
        self.sent_bytes += len(body)
        async with self._client.post(
            f"{url}/v1/exchange", data=body, headers=self._headers, timeout=_TIMEOUT
        ) as answer:
            answer.raise_for_status()
            return [parse(message) for message in (await answer.json())["events"]]
