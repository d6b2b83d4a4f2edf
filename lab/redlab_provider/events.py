"""The engine's events: one stream for all waiting operations."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from redlab_provider.errors import ResourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redlab_provider.cancellation import Cancellation
    from redlab_provider.engine import Engine

_FILTERS: Final = {
    "type": ["container", "network"],
    "event": ["health_status", "start", "die", "destroy", "pause", "unpause", "disconnect"],
}


class Watch:
    """One waiting operation's wake-ups."""

    def __init__(self) -> None:
        self._wakeups: queue.SimpleQueue[None] = queue.SimpleQueue()

    def wake(self) -> None:
        """Make the waiting operation look again."""
        self._wakeups.put(None)

    def wait(self, seconds: float) -> None:
        """Return at the next wake-up, at the latest after `seconds`."""
        with contextlib.suppress(queue.Empty):
            self._wakeups.get(timeout=max(seconds, 0))


class Events:
    """Wakes the operations that wait for an event of a container or network."""

    def __init__(self, engine: Engine, cancellation: Cancellation) -> None:
        self._engine = engine
        self._cancellation = cancellation
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Watch]] = defaultdict(list)
        self._thread: threading.Thread | None = None

    @contextmanager
    def watch(self, identity: str) -> Iterator[Watch]:
        """Give a watch that wakes at each event of the object, when the stream breaks, and on cancellation."""
        watch = Watch()
        with self._lock:
            self._waiting[identity].append(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, name="docker-events", daemon=True)
                self._thread.start()
        try:
            with self._cancellation.on_cancel(watch.wake):
                yield watch
        finally:
            with self._lock:
                self._waiting[identity].remove(watch)

    def _follow(self) -> None:
        with contextlib.suppress(ResourceError):
            client = self._engine.new_client()
            with self._engine.translated_errors():
                stream = client.events(filters=_FILTERS, decode=True)
                self._wake_all()  # events before the stream was open have been missed: look again
                for event in stream:
                    self._wake(event)
        with self._lock:
            self._thread = None  # the next waiting operation opens a new stream
        self._wake_all()

    def _wake(self, event: dict[str, Any]) -> None:
        actor = event.get("Actor", {})
        with self._lock:
            for identity in (actor.get("ID"), actor.get("Attributes", {}).get("container")):
                for watch in self._waiting.get(identity, []):
                    watch.wake()

    def _wake_all(self) -> None:
        with self._lock:
            for waiting in self._waiting.values():
                for watch in waiting:
                    watch.wake()
