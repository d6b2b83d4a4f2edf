"""The certificates by which database servers are known: until when they are valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory


@dataclass(frozen=True)
class Certificate:
    """What a server shows to those who come by TLS.   ``ends``: until when it is valid (ISO 8601, UTC)."""

    node: str
    ends: str
    expired: bool

    @property
    def problem(self) -> str:
        """Why nobody is let in by it, '' while it is valid."""
        return f"certificate of {self.node} expired at {self.ends}" if self.expired else ""


def served(inventory: Inventory) -> list[Certificate]:
    """Return the certificate of every database server that has one and says so; one that is down says nothing."""
    found = []
    for node in inventory.sql_servers:
        try:
            said = engine.execute(node, ["database-tls", "until"]).strip()
        except RedlabError:  # stopped, paused, or an image of another kind
            continue
        if said:
            ends = datetime.fromisoformat(said)
            found.append(Certificate(node.name, ends.isoformat(), ends <= datetime.now(UTC)))
    return found


def expired(inventory: Inventory) -> dict[str, str]:
    """Say of each server whose certificate has expired that it has, by its name."""
    return {one.node: one.problem for one in served(inventory) if one.problem}


def said(certificates: list[Certificate]) -> list[str]:
    """Say which of them have expired, by name, and until when all of the others are valid."""
    lines = [one.problem for one in certificates if one.problem]
    valid = [one.ends for one in certificates if not one.expired]
    if valid:
        lines.append(f"sessions with databases: by TLS, names checked; certificates valid until {min(valid)[:10]}")
    return lines
