"""Commands inside a test's own containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from redlab.engine import ANSWERED, READINGS, marked

if TYPE_CHECKING:
    from docker.models.containers import Container


def run(container: Container, command: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command; returns its exit code, and what it wrote to both streams. Run again when that got lost.

    What got lost every time is an AssertionError, as it is an error of :func:`redlab.engine.read`.
    """
    for _ in range(READINGS):
        done = container.exec_run(marked(command), environment=dict(environment or {}))
        said = done.output.decode()
        if ANSWERED in said or done.exit_code:
            return done.exit_code, said.replace(ANSWERED, "")
    raise AssertionError(f"what {command[0]} said got lost on its way {READINGS} times")
