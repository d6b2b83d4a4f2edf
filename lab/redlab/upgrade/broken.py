"""Notices, while `pulumi up` still waits, that a node does not get ready with its new image."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Node

RESTARTS = 3
"""A node that has ended so often will do so again."""


class UpgradeError(RedlabError):
    """A node is not well with its new image, or what it is part of does not pass its check."""


class Watch:
    """Watches nodes that get new images (``ids`` by image role); ``look`` is called while they come up."""

    def __init__(
        self, nodes: Iterable[Node], ids: Mapping[str, str], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._waiting = {node.name: node for node in nodes}
        self._ids = ids
        self._seconds = seconds
        self._clock = clock
        self._since: dict[str, float] = {}

    def look(self) -> None:
        """Raise UpgradeError when a node has had its new image for so many seconds and is not healthy."""
        for node in list(self._waiting.values()):
            try:
                found = engine.container(node).attrs
            except RedlabError:  # the old one is gone, the new one not there yet
                continue
            if found["Image"] != self._ids[node.image_role]:
                continue
            since = self._since.setdefault(f"{node.name} {found['Id']}", self._clock())
            state = found["State"]
            if state.get("Health", {}).get("Status", "healthy" if state["Running"] else "") == "healthy":
                del self._waiting[node.name]
            elif found.get("RestartCount", 0) >= RESTARTS:
                raise UpgradeError(f"{node.name}: it ended {RESTARTS} times ({_said(state)})")
            elif self._clock() - since > self._seconds:
                raise UpgradeError(f"{node.name}: not ready after {self._seconds:g} s ({_said(state)})")


def _said(state: Mapping[str, Any]) -> str:
    """What its last health check said, or how it ended."""
    log = state.get("Health", {}).get("Log") or []
    if log:
        said = str(log[-1].get("Output", "")).strip()[:200]
        return f"its health check ended with {log[-1].get('ExitCode')}" + (f": {said}" if said else "")
    return f"exit code {state.get('ExitCode')}; no health check has ended yet"
