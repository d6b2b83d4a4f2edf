"""Client of Service Manager and Operations Orchestration: each performs an action once, also when asked repeatedly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
from redlab_node import patience

from redlab_dps.shared_event import Deed, SharedEvent

_TIMEOUT = aiohttp.ClientTimeout(total=patience.seconds(3, 3), sock_connect=patience.seconds(0.3, 2))


class Desk:
    """One of the two; ``url`` is the address of its collection of actions."""

    def __init__(self, url: str, token: str, instance: str, client: aiohttp.ClientSession) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._instance = instance
        self._client = client

    async def act(self, events: Sequence[SharedEvent]) -> dict[str, Deed]:
        """Request the actions for events; return them by the events' CMA.

        Raises aiohttp.ClientError, TimeoutError, KeyError or ValueError when it does not answer, or refuses.
        """
        if not events:
            return {}
        asked = [
            {"cma": event.cma, "collector": event.collector, "seq": event.seq, "requested_by": self._instance}
            for event in events
        ]
        body = {"actions": asked}
        async with self._client.post(self._url, json=body, headers=self._headers, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()
            return {str(done["cma"]): self._deed(done) for done in (await answer.json())["actions"]}

    def _deed(self, done: Any) -> Deed:
        # An answer without the requester tells at least whether this request caused the action.
        return Deed(str(done["id"]), done.get("requested_by") or (self._instance if done["created"] else None))
