"""Clients of other nodes, by HTTP."""

from typing import Any

import aiohttp

from redlab_node import encryption


def session(**settings: Any) -> aiohttp.ClientSession:
    """Return a client with these settings of aiohttp's; it knows the servers of the lab by their certificates."""
    trusting = encryption.client()
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting) if trusting else None, **settings)
