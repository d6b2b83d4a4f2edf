"""Closed-loop senders (wrk), each in a container with its own address on the access network.

The load balancer is sticky by source address, so that one sender alone would load one gateway.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import parallel
from redlab.engine import connection
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redundancy.naming import ACCESS_NETWORK
from redundancy.roles import Role

IMAGE = "redlab-bench/sender"


@dataclass(frozen=True)
class Sent:
    """One sender's count of events and latency of acknowledgements (milliseconds)."""

    sent: int
    acknowledged: int
    refused: int
    failed: int
    seconds: float
    p50_ms: float
    p99_ms: float


class Senders:
    """One sender for each gateway."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.count = len(inventory.of_role(Role.GATEWAY))

    def run(self, collector: str, events: int, connections: int, seconds: int) -> list[Sent]:
        """Send batches of ``events`` over ``connections`` each for ``seconds``. Raises RedlabError if wrk fails."""
        scheme = "https" if self._inventory.https else "http"
        url = f"{scheme}://{self._inventory.virtual_ips['collectors']}:8080/v1/events"
        found: list[Sent] = []

        def send(number: int) -> None:
            options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", "-s", "/events.lua", url]
            found.append(self._run([*options, "--", f"{collector}-{number}", str(events)]))

        parallel.each(range(self.count), send)
        return found

    def _run(self, command: list[str]) -> Sent:
        network = f"redlab-{self._inventory.lab}-{ACCESS_NETWORK}"
        container = connection.client().containers.run(
            IMAGE, command, network=network, labels=dict(self._inventory.labels), detach=True, cap_drop=["ALL"]
        )
        try:
            code = container.wait(timeout=600)["StatusCode"]
            said = container.logs(stdout=True, stderr=True).decode()
        finally:
            container.remove(force=True)
        if code:
            raise RedlabError(f"the sender ended with {code}: {said.strip()[-500:]}")
        return Sent(**json.loads(said.strip().splitlines()[-1]))


@contextmanager
def senders(inventory: Inventory) -> Iterator[Senders]:
    """Give senders for a lab; their image is removed at the end."""
    images: Any = connection.client().images
    images.build(path=str(Path(__file__).with_name("sender")), tag=IMAGE, rm=True)
    try:
        yield Senders(inventory)
    finally:
        images.remove(IMAGE, force=True)


def worst_p99_ms(sent: Sequence[Sent]) -> float:
    """Return the p99 of the slowest sender: percentiles of several senders cannot be combined."""
    return max(each.p99_ms for each in sent)
