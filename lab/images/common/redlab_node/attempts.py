"""Failed logins: wrong passwords and tokens by client. Pure."""

from collections import deque

FAILURES = 5
"""Wrong passwords and tokens of one client within `WINDOW_SECONDS` after which further wrong ones are told to wait.

The right one is never refused: behind a published port all clients look alike, and an attacker could otherwise lock
the operator out. The length of the token makes guessing hopeless.
"""
FAILURES_OF_ALL = 50
"""The limit for all clients together, against an attacker with many addresses."""
WINDOW_SECONDS = 60.0
_CLIENTS = 1000


class Attempts:
    """The failures of the last minute, by client. Instants are seconds of any clock that never goes back."""

    def __init__(self) -> None:
        self._of: dict[str, deque[float]] = {}
        self._of_all: deque[float] = deque(maxlen=FAILURES_OF_ALL)

    def wait_seconds(self, client: str, now: float) -> float:
        """Return how long the client has to wait if its next password or token is wrong, too; 0: not at all."""
        return max(
            _wait(self._of.get(client, deque()), FAILURES, now),
            _wait(self._of_all, FAILURES_OF_ALL, now),
        )

    def failed(self, client: str, now: float) -> None:
        """Count a wrong password or token."""
        own = self._of.pop(client, deque(maxlen=FAILURES))
        own.append(now)
        self._of[client] = own
        self._of_all.append(now)
        while len(self._of) > _CLIENTS:
            # Remove the client whose failure is oldest; FAILURES_OF_ALL bounds those of the last minute.
            del self._of[next(iter(self._of))]


def _wait(failures: "deque[float]", limit: int, now: float) -> float:
    return max(0.0, failures[0] + WINDOW_SECONDS - now) if len(failures) >= limit else 0.0
