"""Lengths of time as people write them. Pure."""

from __future__ import annotations

import re

from redundancy.reading import shown

UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
GREATEST_SECONDS = 36_500 * 86_400
"""A hundred years: longer than anything that is asked for."""
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(ms|s|min|m|h|d)?")


def duration(text: str) -> float:
    """Return seconds: ``90s``, ``15m`` or ``15min``, ``2h``, ``1d``; a number alone is seconds. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"found {shown(text)}; allowed: a duration such as 0, 30s, 15m, 4h or 1d")
    seconds = float(found[1]) * UNIT_SECONDS[found[2] or "s"]
    if seconds > GREATEST_SECONDS:
        raise ValueError(f"found {shown(text)}; allowed: at most {span(GREATEST_SECONDS)}")
    return seconds


def span(seconds: float) -> str:
    """Write a duration as :func:`duration` reads it, in the greatest unit that keeps it whole: ``90s``, ``4h``."""
    for unit in ("d", "h", "m"):
        count = seconds / UNIT_SECONDS[unit]
        if count >= 1 and count == int(count):
            return f"{count:.0f}{unit}"
    return f"{seconds:g}s" if seconds else "0"
