"""Notices, while `pulumi up` still waits, that a node does not get ready with its new image."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from redlab import engine
from redlab.engine import Container, MissingError
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
                found = engine.container(node)
            except MissingError:  # the old one is gone, the new one not there yet
                continue
            if found.image != self._ids[node.image_role]:
                continue
            since = self._since.setdefault(f"{node.name} {found.id}", self._clock())
            if found.ready:
                del self._waiting[node.name]
            elif found.restarts >= RESTARTS:
                raise UpgradeError(f"{node.name}: it ended {RESTARTS} times ({_said(found)})")
            elif self._clock() - since > self._seconds:
                raise UpgradeError(f"{node.name}: not ready after {self._seconds:g} s ({_said(found)})")


def _said(container: Container) -> str:
    """What its last health check said, or how it ended."""
    health = container.state.health
    if health and health.exit_code is not None:
        said = health.output.strip()[:200]
        return f"its health check ended with {health.exit_code}" + (f": {said}" if said else "")
    return f"exit code {container.state.exit_code}; no health check has ended yet"
