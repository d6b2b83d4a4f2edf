"""Commands inside a test's own containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from redlab.engine import description, shell
from redlab.engine.model import Answer

if TYPE_CHECKING:
    from docker.models.containers import Container


def run(container: Container, command: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command; returns its exit code, and what it wrote to both streams."""
    answer = _run(container, command, environment or {})
    assert answer.code is not None, f"{container.name} ended while {command[0]} was running"
    return answer.code, (answer.out + answer.err).decode()


def kill(container: Container, program: str) -> None:
    """Kill each process of that name. The container may end with it, before the shell can say how that went."""
    each = 'for process in /proc/[0-9]*; do [ "$(< $process/comm)" = $0 ] && kill -KILL ${process##*/}; done'
    _run(container, ["bash", "-c", each, program], {})


def _run(container: Container, command: list[str], environment: Mapping[str, str]) -> Answer:
    container.reload()
    assert container.client
    return shell.run(container.client.api, description.container(container.attrs), command, environment)
