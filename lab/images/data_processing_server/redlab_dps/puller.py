"""Moves events out of one gateway: pull, write, acknowledge. Each gateway has its own loop: none waits for another."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

import aiohttp
import psycopg
from redlab_node import patience

from redlab_dps.rejected import Rejected
from redlab_dps.tenure import Tenure
from redlab_dps.writer import FencedError, Writer

log = logging.getLogger(__name__)

_MAX_EVENTS = 5000
_LONG_POLL_SECONDS = 1.0
_RETRY_SECONDS = 0.2
_GATHER_SECONDS = 0.1
"""After a small chunk the loop waits this long for more events: a pull, a commit and an acknowledgement for every
single event cost more processor time than anything else in a lab."""
_SMALL_EVENTS = 500
_TIMEOUT = aiohttp.ClientTimeout(
    total=patience.seconds(_LONG_POLL_SECONDS + 2, 3), sock_connect=patience.seconds(0.3, 2)
)


@dataclass(frozen=True)
class _Pulled:
    queue: str
    through: int
    events: int
    body: str


class Puller:
    """Drains one gateway while this node holds the services."""

    def __init__(
        self,
        gateway: str,
        url: str,
        client: aiohttp.ClientSession,
        writer: Writer,
        rejected: Rejected,
        tenure: Tenure,
        written: asyncio.Event | None = None,
    ) -> None:
        """Pull from ``url``; ``written`` is set after each commit."""
        self._written = written
        self._gateway = gateway
        self._url = url
        self._client = client
        self._writer = writer
        self._rejected = rejected
        self._tenure = tenure
        self._reachable = True
        self.processed = Counter[str]()
        """The number of new items by kind."""

    async def run(self) -> None:
        """Run the loop without end."""
        while True:
            await self._tenure.open()
            try:
                pulled = await self._pull()
                self._note_reachable(True)
                if pulled is not None and await self._write(pulled):
                    await self._acknowledge(pulled)
                    if pulled.events < _SMALL_EVENTS:
                        await asyncio.sleep(_GATHER_SECONDS)
            except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
                self._note_reachable(False, error)
                await asyncio.sleep(_RETRY_SECONDS)
            except FencedError as error:
                log.warning("a write was refused: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
            except (psycopg.Error, OSError) as error:
                log.warning("a write failed: %s", str(error).strip())
                await asyncio.sleep(_RETRY_SECONDS)

    async def _pull(self) -> _Pulled | None:
        wanted = {"max_events": _MAX_EVENTS, "wait_seconds": _LONG_POLL_SECONDS}
        async with self._client.post(f"{self._url}/v1/pull", json=wanted, timeout=_TIMEOUT) as answer:
            if answer.status == 204:
                return None
            answer.raise_for_status()
            queue, through, events = (answer.headers[f"X-Redlab-{name}"] for name in ("Queue", "Through", "Events"))
            return _Pulled(queue, int(through), int(events), await answer.text("utf-8"))

    async def _write(self, pulled: _Pulled) -> bool:
        """Write a chunk; return True when its events are stored, or set aside as rejected."""
        with self._tenure.writing() as epoch:
            if epoch is None:
                return False
            self.processed += await self._rejected.write(self._writer.write, pulled.body, self._gateway, epoch)
        if self._written is not None:
            self._written.set()
        return True

    async def _acknowledge(self, pulled: _Pulled) -> None:
        done = {"queue": pulled.queue, "through": pulled.through}
        async with self._client.post(f"{self._url}/v1/acknowledge", json=done, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()

    def _note_reachable(self, reachable: bool, error: Exception | None = None) -> None:
        if reachable != self._reachable:
            log.info("%s %s", self._gateway, "answers again" if reachable else f"does not answer: {error!r}")
        self._reachable = reachable
