"""Commands inside a test's own containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from redlab.engine import ANSWERED, READINGS, marked

if TYPE_CHECKING:
    from docker.models.containers import Container


def run(container: Container, command: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command; returns its exit code, and what it wrote to both streams. Run again when that got lost."""
    for _ in range(READINGS):
        done = container.exec_run(marked(command), environment=dict(environment or {}))
        said = done.output.decode()
        if ANSWERED in said or done.exit_code:
            break
    return done.exit_code, said.replace(ANSWERED, "")
