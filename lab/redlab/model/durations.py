"""Lengths of time as people write them. Pure."""

from __future__ import annotations

import re

from redundancy.reading import shown

UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
GREATEST_SECONDS = 36_500 * 86_400
"""A hundred years: longer than anything that is asked for."""
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(ms|s|min|m|h|d) *")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def duration(text: str, unit: str = "s") -> float:
    """Return seconds: ``90s``, ``1.5s``, ``15m`` or ``15min``, ``2h``, ``1h30m``, ``1d``.

    A number alone is in ``unit``. Of several parts each has a smaller unit than the one before it.

    Raises ValueError that says what was found and what is allowed.
    """
    seconds = _seconds(text.strip(), unit)
    if seconds is None:
        raise ValueError(f"found {shown(text)}; allowed: a duration such as 0, 1.5s, 90s, 15m, 1h30m or 1d")
    if seconds > GREATEST_SECONDS:
        raise ValueError(f"found {shown(text)}; allowed: at most {span(GREATEST_SECONDS)}")
    return seconds


def _seconds(text: str, unit: str) -> float | None:
    if _NUMBER.fullmatch(text):
        return float(text) * UNIT_SECONDS[unit]
    parts = [(number, UNIT_SECONDS[each]) for number, each in _PART.findall(text)]
    units = [each for _, each in parts]
    if not parts or _PART.sub("", text) or units != sorted(set(units), reverse=True):
        return None
    return sum(float(number) * each for number, each in parts)


def span(seconds: float) -> str:
    """Write a duration as :func:`duration` reads it, in the greatest unit that keeps it whole: ``90s``, ``4h``."""
    for unit in ("d", "h", "m"):
        count = seconds / UNIT_SECONDS[unit]
        if count >= 1 and count == int(count):
            return f"{count:.0f}{unit}"
    return f"{seconds:g}s" if seconds else "0"
