"""The sessions of System Health: passwords checked, sessions issued. Pure but for random numbers.

A session is a signed statement and is not stored: every gateway of the instance can verify the sessions that another
one has issued. It travels in a header that only the page itself sets; there is no cookie for a forged request to use.
"""

import hashlib
import hmac
import secrets

SESSION_SECONDS = 3600
"""How long a session lasts; after that the page asks for the password again."""


class Sessions:
    """Issues and verifies sessions, with a key derived from the administrator's token, which also is the password."""

    def __init__(self, token: str) -> None:
        self._password = token.encode()
        self._key = hmac.new(self._password, b"System Health sessions", hashlib.sha256).digest()

    def knows(self, password: str) -> bool:
        """Tell whether this is the administrator's password; compared in constant time."""
        return hmac.compare_digest(password.encode("utf-8", "surrogatepass"), self._password)

    def give(self, now: float) -> str:
        """Return a new session that begins `now` (seconds since 1970)."""
        statement = f"{int(now) + SESSION_SECONDS}.{secrets.token_urlsafe(9)}"
        return f"{statement}.{self._signature(statement)}"

    def valid(self, session: str, now: float) -> bool:
        """Tell whether a gateway of this instance issued the session, and it has not expired."""
        statement, _, signature = session.rpartition(".")
        if not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), self._signature(statement).encode()):
            return False
        return now < int(statement.partition(".")[0])

    def given(self, session: str) -> bool:
        """Tell whether a gateway of this instance issued the session, expired or not."""
        return self.valid(session, 0)

    def _signature(self, statement: str) -> str:
        return hmac.new(self._key, statement.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def digest(session: str) -> str:
    """Return a hash that identifies a session but does not open one."""
    return hashlib.sha256(session.encode("utf-8", "surrogateescape")).hexdigest()
