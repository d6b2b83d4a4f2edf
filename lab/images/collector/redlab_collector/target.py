"""Where the load goes, and the requests it consists of."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class Items(Protocol):
    """What is sent under a collector's name: the item of each number, as JSON."""

    @property
    def collector(self) -> str:
        """The name."""

    @property
    def alone(self) -> bool:
        """Whether the collector has no twin although the instances are twins, and says so."""

    def text(self, seq: int) -> str:
        """Return one item."""


def takers(environment: Mapping[str, str]) -> list["Target"]:
    """Return who takes in what a collector sends: one, and of a collector without a twin also whom it may send to else.

    Raises KeyError, ValueError or OSError where the environment names none that is usable.
    """
    others = environment.get("REDLAB_OTHER_COLLECTOR_URLS", "")
    return [Target.of(url) for url in (environment["REDLAB_COLLECTOR_URL"], *filter(None, others.split(",")))]


@dataclass(frozen=True, slots=True)
class Target:
    """A server that is looked up once: no operation waits for a name."""

    authority: str
    address: tuple[str, int]

    @classmethod
    def of(cls, url: str) -> "Target":
        """Return the target of an http URL; raises ValueError if it is none, OSError if its host is unknown."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url!r} is not an http URL with a host")
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, socket.AF_INET, socket.SOCK_STREAM)
        host, port = found[0][4][:2]
        return cls(parts.netloc, (str(host), int(port)))

    def post_events(self, items: Items, first_seq: int, count: int) -> bytes:
        """Return the request that hands in `count` items with consecutive sequence numbers."""
        rows = ",".join(items.text(seq) for seq in range(first_seq, first_seq + count))
        alone = ',"twin":false' if items.alone else ""
        body = f'{{"collector":{json.dumps(items.collector)}{alone},"events":[{rows}]}}'.encode()
        return (
            f"POST /v1/events HTTP/1.1\r\nHost: {self.authority}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def get_recent(self) -> bytes:
        """Return the request of a user who looks at the last events."""
        return (f"GET /api/v1/recent HTTP/1.1\r\nHost: {self.authority}\r\nConnection: close\r\n\r\n").encode()
