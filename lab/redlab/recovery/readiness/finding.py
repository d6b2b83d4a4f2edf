"""One point of readiness: the value that was found, and the value that is allowed. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One point of readiness: the value that was found, and the value that is allowed."""

    name: str
    ready: bool
    found: str
    allowed: str
