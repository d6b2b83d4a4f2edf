"""What System Health says of a gateway. Pure."""

from typing import Any

STUCK_SECONDS = 5.0
"""Longer than this no event waits where all is well."""


def gateway_state(ready: dict[str, Any] | None, queue: dict[str, Any] | None) -> tuple[str, str]:
    """Return a gateway's state and the reason for it, from what it says of its readiness and of its queue.

    None: it does not answer. One that takes in events is not well while nobody takes them out.
    """
    if ready is None:
        return "unreachable", ""
    if not ready.get("ready"):
        return "not-ready", str(ready.get("reason", ""))
    if queue is None:
        return "stuck", "the queue does not answer"
    events, seconds = queue.get("pending_events", 0), queue.get("oldest_age_seconds", 0.0)
    if events and seconds > STUCK_SECONDS:
        return "stuck", f"{events} events wait, the oldest for {seconds:.0f} s"
    return "ready", ""
