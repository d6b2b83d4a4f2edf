"""Durations in Docker's notation ("1m30s"), in nanoseconds."""

from __future__ import annotations

import re
from typing import Final

_UNITS_NANOSECONDS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def parse_nanoseconds(text: str) -> int:
    """Return the length of a duration like "1m30s" or "250ms"; raise ValueError for anything else."""
    if text in ("", "0"):
        return 0
    parts = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is not a duration such as 500ms, 10s or 1m30s")
    return sum(round(float(number) * _UNITS_NANOSECONDS[unit]) for number, unit in parts)


def format_nanoseconds(nanoseconds: int) -> str:
    """Return the duration in the notation of Docker's own tools (one and a half minutes is "1m30s")."""
    if nanoseconds < _UNITS_NANOSECONDS["s"]:
        for unit in ("ms", "µs", "ns"):
            if nanoseconds and nanoseconds >= _UNITS_NANOSECONDS[unit]:
                return f"{_decimal(nanoseconds, unit)}{unit}"
        return "0s"
    minutes, rest = divmod(nanoseconds, _UNITS_NANOSECONDS["m"])
    hours, minutes = divmod(minutes, 60)
    seconds = f"{_decimal(rest, 's')}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _decimal(nanoseconds: int, unit: str) -> str:
    return f"{nanoseconds / _UNITS_NANOSECONDS[unit]:.9f}".rstrip("0").rstrip(".")
