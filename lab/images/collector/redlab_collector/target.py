"""Where the load goes, and the requests it consists of."""

import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


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

    def post_events(self, collector: str, first_seq: int, events: int) -> bytes:
        """Return the request that hands in `events` events with consecutive sequence numbers."""
        rows = ",".join(
            f'{{"seq":{seq},"data":{{"metric":"load","value":{seq % 100}}}}}'
            for seq in range(first_seq, first_seq + events)
        )
        body = f'{{"collector":{json.dumps(collector)},"events":[{rows}]}}'.encode()
        return (
            f"POST /v1/events HTTP/1.1\r\nHost: {self.authority}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def get_recent(self) -> bytes:
        """Return the request of a user who looks at the last events."""
        return (f"GET /api/v1/recent HTTP/1.1\r\nHost: {self.authority}\r\nConnection: close\r\n\r\n").encode()
