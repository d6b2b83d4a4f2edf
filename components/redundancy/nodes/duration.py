"""Durations the way Go writes them, which is how the Docker providers read them back. Pure."""

from __future__ import annotations

from decimal import Decimal

_NANOSECONDS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "µs": 1_000, "ns": 1}


def go_duration(seconds: float) -> str:
    """Write a length of time as Go's ``time.Duration`` does: ``250ms``, ``5s``, ``1m30s``, ``1h0m0s``.

    The official plugin records what the engine says in this form and compares texts. Any other spelling ("90s", "60s")
    is a change for it at every second update, and a changed health check replaces its container.
    """
    nanoseconds = round(Decimal(str(seconds)) * _NANOSECONDS["s"])
    if nanoseconds < 0:
        raise ValueError(f"found {seconds:g} s; a duration is not negative")
    if nanoseconds < _NANOSECONDS["s"]:
        unit = next((unit for unit in ("ms", "µs", "ns") if nanoseconds >= _NANOSECONDS[unit]), "s")
        return _number(nanoseconds, unit)
    hours, rest = divmod(nanoseconds, _NANOSECONDS["h"])
    minutes, rest = divmod(rest, _NANOSECONDS["m"])
    leading = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return leading + _number(rest, "s")


def _number(nanoseconds: int, unit: str) -> str:
    return f"{(Decimal(nanoseconds) / _NANOSECONDS[unit]).normalize():f}{unit}"
