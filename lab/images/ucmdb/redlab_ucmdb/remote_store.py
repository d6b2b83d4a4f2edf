"""Another UCMDB, through its HTTP API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import aiohttp
from redlab_node.parts import LARGEST_POST_BYTES, parts

from redlab_ucmdb.item import InvalidItemError, Item, parse
from redlab_ucmdb.store import Batch, Cursor, UnreachableError

_TIMEOUT = aiohttp.ClientTimeout(total=3)


class RemoteStore:
    """The store of another UCMDB."""

    def __init__(self, name: str, url: str, token: str, client: aiohttp.ClientSession) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._client = client

    async def identity(self) -> str:
        """Return the store's id, assigned at its creation."""
        return str((await self._ask("GET", "/v1/status"))["store_id"])

    async def changes(self, cursor: Cursor, item_types: Sequence[str], limit: int) -> Batch:
        """Return the next changes after a cursor, of some types (all if none are given)."""
        asked = {"source_id": cursor.source_id, "after": cursor.position, "types": ",".join(item_types), "limit": limit}
        said = await self._ask("GET", "/v1/changes", params=asked)
        return Batch(said["store_id"], self._items(said), said["position"])

    async def merge(self, items: Sequence[Item], cursor: Cursor | None) -> int:
        """Have the store merge items, and keep the cursor in the same transaction; return the number of changed items.

        Items that are too long for one request go in several, the cursor with the last: a repeated item changes
        nothing.
        """
        *first, last = parts([json.dumps(item.document()) for item in items], LARGEST_POST_BYTES)
        applied = 0
        for part, kept in (*((part, None) for part in first), (last, cursor)):
            body = f'{{"items": [{", ".join(part)}], "cursor": {json.dumps(asdict(kept) if kept else None)}}}'
            applied += int((await self._ask("POST", "/v1/changes", data=body.encode()))["applied"])
        return applied

    async def cursor(self, source: str, target: str) -> Cursor:
        """Return the store's cursor for an integration, or one at the beginning."""
        return Cursor(**await self._ask("GET", "/v1/cursor", params={"source": source, "target": target}))

    async def advance(self, cursor: Cursor) -> None:
        """Have the store keep a cursor."""
        await self.merge([], cursor)

    async def items(self, item_types: Sequence[str]) -> list[Item]:
        """Return the store's items without deleted ones."""
        return list(self._items(await self._ask("GET", "/v1/items", params={"types": ",".join(item_types)})))

    def _items(self, said: Mapping[str, Any]) -> tuple[Item, ...]:
        try:
            return tuple(parse(item) for item in said["items"])
        except InvalidItemError as error:
            raise UnreachableError(f"{self._name} sent what is no item: {error}") from None

    async def _ask(self, method: str, path: str, **details: Any) -> Any:
        try:
            async with self._client.request(
                method, self._url + path, headers=self._headers, timeout=_TIMEOUT, **details
            ) as answer:
                said = await answer.json()
                if answer.status != 200:
                    raise UnreachableError(f"{self._name} answered {answer.status}: {said.get('error')}")
                return said
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise UnreachableError(f"{self._name}: {str(error) or 'no answer in time'}") from None
