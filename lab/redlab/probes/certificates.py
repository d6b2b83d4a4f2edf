"""The certificates by which servers are known: until when they are valid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node

DATABASES, HTTP = "databases", "http"
"""What a server is asked for by those who look at its certificate: the keys of a topology's `encryption`."""
_COMMANDS = {DATABASES: "database-tls", HTTP: "http-certificate"}
_WORDS = {DATABASES: "sessions with databases", HTTP: "HTTP"}


@dataclass(frozen=True)
class Certificate:
    """What a server shows to those who come by TLS.   ``ends``: until when it is valid (ISO 8601, UTC).

    ``purpose``: what they come for, :data:`DATABASES` or :data:`HTTP`.
    """

    node: str
    ends: str
    expired: bool
    purpose: str = DATABASES

    @property
    def problem(self) -> str:
        """Why nobody is let in by it, '' while it is valid."""
        return f"certificate of {self.node} expired at {self.ends}" if self.expired else ""


def served(inventory: Inventory) -> list[Certificate]:
    """Return the certificate of every server that has one and says so; one that is down says nothing."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        return [found for found in pool.map(lambda asked: _of(*asked), _servers(inventory)) if found]


def _servers(inventory: Inventory) -> Iterator[tuple[Node, str]]:
    yield from ((node, DATABASES) for node in inventory.sql_servers)
    if inventory.https:
        yield from ((node, HTTP) for node in inventory.nodes if node.role.serves_http)


def _of(node: Node, purpose: str) -> Certificate | None:
    try:
        said = engine.execute(node, [_COMMANDS[purpose], "until"]).strip()
    except RedlabError:  # stopped, paused, or an image of another kind
        return None
    if not said:
        return None
    ends = datetime.fromisoformat(said)
    return Certificate(node.name, ends.isoformat(), ends <= datetime.now(UTC), purpose)


def expired(inventory: Inventory) -> dict[str, str]:
    """Say of each server whose certificate has expired that it has, by its name."""
    return {one.node: one.problem for one in served(inventory) if one.problem}


def said(certificates: Sequence[Certificate]) -> list[str]:
    """Say which of them have expired, by name, and until when all of the others are valid."""
    lines = [one.problem for one in certificates if one.problem]
    for purpose, words in _WORDS.items():
        valid = [one.ends for one in certificates if one.purpose == purpose and not one.expired]
        if valid:
            lines.append(f"{words}: by TLS, names checked; certificates valid until {min(valid)[:10]}")
    return lines
