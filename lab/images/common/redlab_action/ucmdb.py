"""Reads the configuration items that an incident may concern from the UCMDB, the master of global ids."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
from redlab_node import asking

from redlab_action.store import Store, UnavailableError

log = logging.getLogger(__name__)

_INTERVAL_SECONDS = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=3, sock_connect=0.5)
_TYPES = "host,application,business_service"


class Ucmdb:
    """Polls the UCMDB. ``state``: none, unknown, answers, or does not answer (items read before are kept)."""

    def __init__(self, url: str, store: Store) -> None:
        self._url = url
        self._store = store
        self.state = "unknown" if url else "none"

    async def run(self) -> None:
        """Poll without end; return at once if there is no UCMDB."""
        async with asking.session(timeout=_TIMEOUT) as client:
            while self._url:
                try:
                    await self._store.learn(await self._ask(client))
                    self._say("answers")
                except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
                    self._say("does not answer")
                except UnavailableError as error:
                    log.warning("%s", error)
                await asyncio.sleep(_INTERVAL_SECONDS)

    async def _ask(self, client: aiohttp.ClientSession) -> dict[tuple[str, str], str]:
        async with client.get(f"{self._url}/v1/items", params={"types": _TYPES}) as answer:
            answer.raise_for_status()
            items = (await answer.json())["items"]
        return {(item["type"], item["name"]): item["global_id"] for item in items if item["global_id"]}

    def _say(self, state: str) -> None:
        if state != self.state:
            log.info("the UCMDB %s", state)
        self.state = state
