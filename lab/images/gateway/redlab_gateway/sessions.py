"""Who is logged in to System Health: passwords tried, sessions given. Pure but for random numbers.

A session is a signed statement and nothing is kept of it, so that every gateway of the instance knows the sessions
that another has given. It travels in a header that only the page itself sets: there is no cookie that a forged request
could use.
"""

import hashlib
import hmac
import secrets
from collections import deque

SESSION_SECONDS = 3600
"""How long a session lasts; then the password is asked for again."""
FAILURES = 5
"""Wrong passwords and tokens of one client within `WINDOW_SECONDS`; then further wrong ones are told to wait.

The right one is never refused: behind a published port all clients look alike, so whoever guessed would keep the
operator out. What keeps guessing hopeless is the token's length.
"""
FAILURES_OF_ALL = 50
"""The same for all clients together, for who has many addresses."""
WINDOW_SECONDS = 60.0
_CLIENTS = 1000


class Sessions:
    """Gives and recognises sessions, by a key derived from the administrator's token, which also is the password."""

    def __init__(self, token: str) -> None:
        self._password = token.encode()
        self._key = hmac.new(self._password, b"System Health sessions", hashlib.sha256).digest()

    def knows(self, password: str) -> bool:
        """Whether this is the administrator's password; compared in constant time."""
        return hmac.compare_digest(password.encode("utf-8", "surrogatepass"), self._password)

    def give(self, now: float) -> str:
        """Return a new session that begins `now` (seconds since 1970)."""
        statement = f"{int(now) + SESSION_SECONDS}.{secrets.token_urlsafe(9)}"
        return f"{statement}.{self._signature(statement)}"

    def valid(self, session: str, now: float) -> bool:
        """Whether a session was given by a gateway of this instance and is not over."""
        statement, _, signature = session.rpartition(".")
        if not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), self._signature(statement).encode()):
            return False
        return now < int(statement.partition(".")[0])

    def given(self, session: str) -> bool:
        """Whether a session was given by a gateway of this instance, be it over or not."""
        return self.valid(session, 0)

    def _signature(self, statement: str) -> str:
        return hmac.new(self._key, statement.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def digest(session: str) -> str:
    """Return what a session is known by, without being one."""
    return hashlib.sha256(session.encode("utf-8", "surrogateescape")).hexdigest()


class Attempts:
    """Wrong ones of the last minute, by client; instants are seconds of any clock that never goes back."""

    def __init__(self) -> None:
        self._of: dict[str, deque[float]] = {}
        self._of_all: deque[float] = deque(maxlen=FAILURES_OF_ALL)

    def wait_seconds(self, client: str, now: float) -> float:
        """Return how long the client is told to wait if what it brings is wrong again; 0: not at all."""
        return max(
            _wait(self._of.get(client, deque()), FAILURES, now),
            _wait(self._of_all, FAILURES_OF_ALL, now),
        )

    def failed(self, client: str, now: float) -> None:
        """Count a wrong password."""
        own = self._of.pop(client, deque(maxlen=FAILURES))
        own.append(now)
        self._of[client] = own
        self._of_all.append(now)
        while len(self._of) > _CLIENTS:
            # The client that failed longest ago; those of the last minute are bounded by FAILURES_OF_ALL.
            del self._of[next(iter(self._of))]


def _wait(failures: "deque[float]", limit: int, now: float) -> float:
    return max(0.0, failures[0] + WINDOW_SECONDS - now) if len(failures) >= limit else 0.0
