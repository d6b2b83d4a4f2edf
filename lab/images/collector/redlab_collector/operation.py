"""One operation of the load: when it is due, and its result."""

import json
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The party that the operation simulates."""

    COLLECT = "collect"
    USER = "user"


class Outcome(StrEnum):
    """The sender's knowledge of an operation's effect."""

    OK = "ok"
    FAIL = "fail"
    """Certainly not accepted."""
    UNKNOWN = "unknown"
    """Sent; the sender does not know whether it was accepted."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Operation `n` of its kind, due at `scheduled` (seconds of CLOCK_MONOTONIC)."""

    kind: Kind
    n: int
    scheduled: float
    events: int
    """Number of events it carries; 0 for a user."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one operation; times are seconds of CLOCK_MONOTONIC."""

    operation: Operation
    sent: float
    completed: float
    outcome: Outcome
    status: int | None = None
    """HTTP status, if there was an answer."""
    node: str = ""
    """The gateway that answered; empty if none did."""
    detail: str = ""

    def line(self, kinds: str = "") -> bytes:
        """Return the line of the history, with its line end; `kinds`: one character for each item that it carried."""
        document = {
            "op": self.operation.kind,
            "n": self.operation.n,
            "events": self.operation.events,
            "kinds": kinds,
            "scheduled": round(self.operation.scheduled, 6),
            "sent": round(self.sent, 6),
            "completed": round(self.completed, 6),
            "outcome": self.outcome,
            "status": self.status,
            "node": self.node,
            "detail": self.detail,
        }
        return json.dumps(document, separators=(",", ":")).encode() + b"\n"
