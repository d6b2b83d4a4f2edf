"""Users who are logged in and look on while a drill goes on: whoever is disconnected sees his session end."""

from __future__ import annotations

import http.client
import ssl
import threading
import urllib.request
from typing import Any, Self

from redlab.errors import RedlabError
from redlab.waiting import until

COUNT = 4
OPEN_SECONDS = 10
_SILENCE_SECONDS = 10


class Sessions:
    """Sessions by way of ``url``, each in a thread. Use as a context manager: they are closed on leaving."""

    def __init__(self, url: str, trusting: ssl.SSLContext | None = None) -> None:
        """Look on; ``trusting``: how the server is known, where the URL is one of https."""
        self._trusting = trusting
        self._url = f"{url}/api/v1/live"
        self._answers: list[Any] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        if not until(self._open, OPEN_SECONDS, 0.2):
            raise RedlabError(f"no user can log in by way of {self._url}")
        return self

    def __exit__(self, *_: object) -> None:
        for answer in self._answers:
            answer.close()

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self._threads)

    @property
    def ended(self) -> int:
        """How many have ended, though nobody logged out."""
        return sum(not thread.is_alive() for thread in self._threads)

    def _open(self) -> bool:
        try:
            while len(self._threads) < COUNT:
                answer = urllib.request.urlopen(self._url, timeout=_SILENCE_SECONDS, context=self._trusting)
                self._answers.append(answer)
                thread = threading.Thread(target=_look_on, args=(answer,), name="session", daemon=True)
                thread.start()
                self._threads.append(thread)
        except OSError:
            return False
        return True


def _look_on(answer: Any) -> None:
    try:
        while answer.read(1):
            pass
    except (OSError, ValueError, AttributeError, http.client.HTTPException):  # cut off, or closed by whoever opened it
        return
