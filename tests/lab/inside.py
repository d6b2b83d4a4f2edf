"""Commands inside a test's own containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from redlab import shell

if TYPE_CHECKING:
    from docker.models.containers import Container


def run(container: Container, command: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command; returns its exit code, and what it wrote to both streams."""
    container.reload()
    answer = shell.run(container, command, environment or {})
    assert answer.code is not None, f"{container.name} ended while {command[0]} was running"
    return answer.code, (answer.out + answer.err).decode()
