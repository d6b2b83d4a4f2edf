"""A process in a container that has its standard streams here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker.models.containers import Container

OUT, ERR = 1, 2


class Attached:
    """A started process: ``identity`` is what the engine calls it, ``frames`` what it writes, each with its stream.

    Its standard input ends with this process, however that ends, or with its container. Raises docker.errors.APIError
    when the engine does not start it.
    """

    def __init__(self, container: Container, command: list[str]) -> None:
        api: Any = container.client and container.client.api
        self.identity: str = api.exec_create(container.id, command, stdin=True)["Id"]
        self._stream = api.exec_start(self.identity, socket=True)
        self.frames = _frames(self._stream)

    def send(self, content: bytes) -> None:
        """Write to its standard input; when it has ended, this changes nothing."""
        # The library's own socket is for reading only; that of an engine behind SSH is none.
        connection = getattr(self._stream, "_sock", self._stream)
        with suppress(OSError):
            connection.sendall(content)


def _frames(stream: Any) -> Iterator[tuple[int, bytes]]:
    from docker.utils import socket

    frames_iter: Any = socket.frames_iter
    with suppress(OSError):  # an end, too: its container was killed
        yield from frames_iter(stream, tty=False)
