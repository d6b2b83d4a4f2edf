"""One operation of the load: what is due when, and what became of it."""

import json
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Whom the operation stands for."""

    COLLECT = "collect"
    USER = "user"


class Outcome(StrEnum):
    """What the sender knows of the effect of an operation."""

    OK = "ok"
    FAIL = "fail"
    """Certainly not accepted."""
    UNKNOWN = "unknown"
    """Sent; whether it was accepted is not known."""


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
    """What became of one operation; times are seconds of CLOCK_MONOTONIC."""

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
        """Return the line of the history, with its end; `kinds`: of each item that it carried, a character each."""
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
