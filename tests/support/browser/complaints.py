"""What pages complain of while a test drives them: errors on the console, uncaught ones, requests that failed."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED"
"""Said by Chromium when this machine gets or loses an interface, as with each lab that comes or goes beside a page."""


class Complaints:
    """Listens to all pages of a context; what a test declares neither to expect nor to tolerate fails it."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._heard: list[str] = []
        self._expected: list[str] = []
        self._tolerated: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._request)

    def expect(self, pattern: str) -> None:
        """Declare a complaint that belongs to the test, by a regular expression; it then has to come, too."""
        self._expected.append(pattern)

    def tolerate(self, pattern: str) -> None:
        """Declare a complaint that may come or not: whether it does is a matter of moments."""
        self._tolerated.append(pattern)

    def check(self) -> None:
        """Raise AssertionError with what was complained of unexpectedly, and with what was expected in vain."""
        for page in self._context.pages:
            # What the page has said before this answer has been heard when it is here.
            page.evaluate("0")
        declared = [*self._expected, *self._tolerated, NETWORK_CHANGED]
        unexpected = [text for text in self._heard if not any(re.search(one, text) for one in declared)]
        in_vain = [one for one in self._expected if not any(re.search(one, text) for text in self._heard)]
        assert not unexpected, "the page complained:\n" + "\n".join(unexpected)
        assert not in_vain, f"expected, but nothing of the kind was complained of: {', '.join(in_vain)}"

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._heard.append(f"console: {message.text} ({message.location['url'].partition('#')[0]})")

    def _error(self, error: WebError) -> None:
        self._heard.append(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        # What a page, or leaving it, cancels has not failed.
        if request.failure != "net::ERR_ABORTED":
            self._heard.append(f"request: {request.method} {request.url.partition('#')[0]}: {request.failure}")
