"""The ports of a lab on this machine, tried from this machine: the engine's word for them outlives what serves them.

With many connections at once the engine's proxy for a port may end, and nothing starts it again but its container.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from redlab import engine

if TYPE_CHECKING:
    from redlab.model.inventory import Inventory

TIMEOUT_SECONDS = 3.0
_PATH = "/site-health"
"""A load balancer answers it by itself."""


@dataclass(frozen=True, order=True)
class Published:
    """Where a port of a node is published."""

    node: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.node}: nothing answers at its published port {self.address}:{self.port}"


def unanswered(inventory: Inventory) -> list[Published]:
    """Return the published ports of nodes that run at which nobody answers; none of an engine on another machine."""
    tried = sorted(
        Published(name, place.address, place.port)
        for name, container in engine.containers(inventory).items()
        if container.state.status == "running" and engine.of(inventory.node(name)).is_here()
        for place in container.ports
    )
    by_tls = {
        place.port for urls in inventory.urls.values() for place in map(urlsplit, urls) if place.scheme == "https"
    }
    return silent(tried, by_tls)


def silent(tried: Iterable[Published], by_tls: Collection[int | None] = ()) -> list[Published]:
    """Return those at which nobody answers, in whatever words; at the ports ``by_tls`` one asks by TLS."""
    candidates = list(tried)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = pool.map(lambda one: _answers(one, one.port in by_tls), candidates)
        return [one for one, answered in zip(candidates, answers, strict=True) if not answered]


def _answers(one: Published, by_tls: bool) -> bool:
    if by_tls:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection(one.address, one.port, timeout=TIMEOUT_SECONDS, context=trusting)
    else:
        connection = HTTPConnection(one.address, one.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", _PATH)
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
