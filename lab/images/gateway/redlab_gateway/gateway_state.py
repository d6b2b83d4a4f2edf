"""A gateway's state as System Health shows it. Pure."""

from typing import Any

STUCK_SECONDS = 5.0
"""In a healthy system no event waits longer than this."""


def gateway_state(ready: dict[str, Any] | None, queue: dict[str, Any] | None) -> tuple[str, str]:
    """Return a gateway's state and the reason for it, from its own reports about readiness and queue.

    None: the gateway does not answer. A gateway that accepts events is stuck while no server takes them out.
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
