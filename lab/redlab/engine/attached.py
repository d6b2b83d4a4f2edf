"""A process in a container that has its standard streams here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from redlab.engine.errors import engine_errors

OUT, ERR = 1, 2


class Attached:
    """A started process: ``frames`` is what it writes, each with its stream.

    Its standard input ends with this process, however that ends, or with its container. ``api`` is the SDK's; its
    exceptions are raised when the engine does not start the process.
    """

    def __init__(self, api: Any, container: str, command: list[str]) -> None:
        self._api = api
        self._identity: str = api.exec_create(container, command, stdin=True)["Id"]
        self._stream = api.exec_start(self._identity, socket=True)
        self.frames = _frames(self._stream)

    def send(self, content: bytes) -> None:
        """Write to its standard input; when it has ended, this changes nothing."""
        # The library's own socket is for reading only; that of an engine behind SSH is none.
        connection = getattr(self._stream, "_sock", self._stream)
        with suppress(OSError):
            connection.sendall(content)

    def exit_code(self) -> int | None:
        """Return its exit code, None while it runs. Raises MissingError when its container is gone, or another one."""
        with engine_errors():
            code: int | None = self._api.exec_inspect(self._identity)["ExitCode"]
        return code


def _frames(stream: Any) -> Iterator[tuple[int, bytes]]:
    from docker.utils import socket

    frames_iter: Any = socket.frames_iter
    with suppress(OSError):  # an end, too: its container was killed
        yield from frames_iter(stream, tty=False)
