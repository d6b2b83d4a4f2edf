"""Stopping the operations in progress when Pulumi sends Cancel."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class CancelledError(Exception):
    """The operation was stopped because the update was cancelled."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class Cancellation:
    """A flag that is raised once, and the actions that make blocked operations notice it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._raised = False
        self._actions: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Raise the flag and run the registered actions."""
        with self._lock:
            self._raised = True
            actions = list(self._actions)
        for action in actions:
            action()

    def check(self) -> None:
        """Raise CancelledError if the flag is up."""
        if self._raised:
            raise CancelledError

    @contextmanager
    def on_cancel(self, action: Callable[[], None]) -> Iterator[None]:
        """Run `action` (from another thread) if the flag goes up while the block runs, or is up already."""
        with self._lock:
            self._actions.append(action)
            raised = self._raised
        if raised:
            action()
        try:
            yield
        finally:
            with self._lock:
                self._actions.remove(action)
