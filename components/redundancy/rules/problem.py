"""A broken rule, as it is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One broken rule: path in the document, what was found, what is allowed, and why."""

    path: str
    found: str
    allowed: str
    why: str

    def __str__(self) -> str:
        return f"found {self.found}; allowed: {self.allowed}; why: {self.why}"
