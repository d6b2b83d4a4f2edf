"""Whether the volume of a database server is full: then it ends, starts and ends again until there is room."""

from __future__ import annotations

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node

VOLUME = "/var/lib/postgresql/data"
_LEAST_FREE_BYTES = 8 * 2**20
"""Two segments of the log: with less the next one cannot be begun."""
_WORDS = b"No space left on device"
_LINES = 20


def room(node: Node) -> tuple[int, int]:
    """Return the size of a database server's volume and what is free of it, in bytes. Raises RedlabError."""
    said = engine.execute(node, ["df", "--output=size,avail", "-B1", VOLUME])
    size, free = (int(number) for number in said.splitlines()[1].split())
    return size, free


def full(inventory: Inventory) -> dict[str, str]:
    """Say of each database server whose volume is full that it is, by its name."""
    return {node.name: said for node in inventory.sql_servers if (said := _full(node))}


def _full(node: Node) -> str:
    try:
        _, free = room(node)
    except RedlabError:  # it does not stay up: its last words tell why
        try:
            ended = _WORDS in engine.of(node).logs(node.container, tail=_LINES)
        except RedlabError:
            return ""
        return "the volume is full, and the server does not start: make room, it comes back by itself" if ended else ""
    if free >= _LEAST_FREE_BYTES:
        return ""
    return f"the volume is full ({free // 2**20} MiB free): nothing is written, make room"
