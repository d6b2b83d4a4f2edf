"""How the load of a drill is asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LoadSettings:
    """Rates of the load per second, how long it may run at most, and when a client gives up.

    ``batch_events``: how many events one request carries.
    ``only_events``: else some of them are metrics, and topology.
    """

    events_per_second: float = 50
    users_per_second: float = 25
    seconds: float = 180
    connect_timeout_seconds: float = 0.3
    timeout_seconds: float = 2.0
    batch_events: int = 1
    only_events: bool = False
