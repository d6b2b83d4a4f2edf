"""Which ports of this machine somebody listens on."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable


def in_use(ports: Iterable[int]) -> frozenset[int]:
    """Return those that no program could listen on at 127.0.0.1, because another one does."""
    return frozenset(port for port in ports if _in_use(port))


def _in_use(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        # A connection of a former listener that has just ended is in nobody's way.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
