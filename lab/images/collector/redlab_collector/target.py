"""The target of the load, and the requests of the load."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class Items(Protocol):
    """The items that a collector sends: one for each sequence number, as JSON."""

    @property
    def collector(self) -> str:
        """The collector's name."""

    @property
    def alone(self) -> bool:
        """True for a collector without a twin in a pattern with twin instances; it tells the gateway."""

    def text(self, seq: int) -> str:
        """Return the item of a number."""


def takers(environment: Mapping[str, str]) -> list["Target"]:
    """Return the targets of a collector: one, and for a collector without a twin the other instances' targets as well.

    Raises KeyError, ValueError or OSError if the environment names no usable target.
    """
    others = environment.get("REDLAB_OTHER_COLLECTOR_URLS", "")
    return [Target.of(url) for url in (environment["REDLAB_COLLECTOR_URL"], *filter(None, others.split(",")))]


@dataclass(frozen=True, slots=True)
class Target:
    """A server whose name is looked up once: no operation waits for a name."""

    authority: str
    address: tuple[str, int]

    @classmethod
    def of(cls, url: str) -> "Target":
        """Return the target of an http URL; raises ValueError for another URL, OSError for an unknown host."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url!r} is not an http URL with a host")
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, socket.AF_INET, socket.SOCK_STREAM)
        host, port = found[0][4][:2]
        return cls(parts.netloc, (str(host), int(port)))

    def post_events(self, items: Items, first_seq: int, count: int) -> bytes:
        """Return the request that sends `count` items with consecutive sequence numbers."""
        rows = ",".join(items.text(seq) for seq in range(first_seq, first_seq + count))
        alone = ',"twin":false' if items.alone else ""
        body = f'{{"collector":{json.dumps(items.collector)}{alone},"events":[{rows}]}}'.encode()
        return (
            f"POST /v1/events HTTP/1.1\r\nHost: {self.authority}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def get_recent(self) -> bytes:
        """Return the request of a user who views the recent events."""
        return (f"GET /api/v1/recent HTTP/1.1\r\nHost: {self.authority}\r\nConnection: close\r\n\r\n").encode()
