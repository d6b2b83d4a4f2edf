"""One point of readiness: what was found, what is allowed. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One point: what was found, what is allowed."""

    name: str
    ready: bool
    found: str
    allowed: str
