"""System Health reports a queue that no server empties."""

from typing import Any

import pytest
from redlab_gateway.gateway_state import gateway_state

READY, DRAINING = {"ready": True, "reason": ""}, {"ready": False, "reason": "draining"}


def queue(events: int, seconds: float) -> dict[str, float]:
    return {"pending_events": events, "oldest_age_seconds": seconds}


@pytest.mark.parametrize(
    ("ready", "waiting", "said"),
    [
        (READY, queue(40000, 4.9), ("ready", "")),
        (READY, queue(131, 120.2), ("stuck", "131 events wait, the oldest for 120 s")),
        (READY, None, ("stuck", "the queue does not answer")),
        (DRAINING, queue(0, 0.0), ("not-ready", "draining")),
        (None, None, ("unreachable", "")),
    ],
)
def test_the_state_of_a_gateway_includes_its_queue(
    ready: dict[str, Any] | None, waiting: dict[str, Any] | None, said: tuple[str, str]
) -> None:
    assert gateway_state(ready, waiting) == said
