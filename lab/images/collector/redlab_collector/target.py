"""The target of the load, and the requests of the load."""

import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

AUTHORITY = "/etc/redlab/secrets/http-authority"
"""Whose certificates the servers show that are asked over TLS (PEM)."""


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


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(AUTHORITY)
    return context


@dataclass(frozen=True, slots=True)
class Target:
    """A server whose name is looked up once: no operation waits for a name.

    ``tls``: the authority whose certificate the server has to show; None for HTTP in clear.
    """

    authority: str
    address: tuple[str, int]
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str) -> "Target":
        """Return the target of an http or https URL; raises ValueError for another URL.

        Raises OSError for an unknown host, and for an https URL where the authority's file is missing.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an http or https URL with a host")
        usual = 443 if parts.scheme == "https" else 80
        found = socket.getaddrinfo(parts.hostname, parts.port or usual, socket.AF_INET, socket.SOCK_STREAM)
        host, port = found[0][4][:2]
        return cls(parts.netloc, (str(host), int(port)), _trusting() if parts.scheme == "https" else None)

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
