"""Who is logged in to System Health: passwords tried, sessions given. Pure but for random numbers.

A session is a signed statement and nothing is kept of it, so that every gateway of the instance knows the sessions
that another has given. It travels in a header that only the page itself sets: there is no cookie that a forged request
could use.
"""

import hashlib
import hmac
import secrets

SESSION_SECONDS = 3600
"""How long a session lasts; then the password is asked for again."""


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
