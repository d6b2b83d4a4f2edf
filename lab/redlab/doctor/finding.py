"""What a check of the machine ends with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How good a thing is for labs."""

    OK = "ok"
    DEGRADED = "degraded"
    """Labs come up, but something works less well, or was never tried; or it could not be looked at."""
    BROKEN = "broken"
    """A lab cannot come up, or what it shows would not be true."""


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was found, and what to do about it (empty when nothing is to be done)."""

    verdict: Verdict
    found: str
    remedy: str = ""


def ok(found: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, found)


def degraded(found: str, remedy: str) -> Finding:
    """It goes on, less well."""
    return Finding(Verdict.DEGRADED, found, remedy)


def broken(found: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Verdict.BROKEN, found, remedy)
