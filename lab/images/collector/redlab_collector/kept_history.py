"""The recent history of a collector's own trickle; an audit compares it with the databases."""

from dataclasses import replace
from pathlib import Path

from redlab_collector.operation import Result

FILE = Path("/tmp/history")  # noqa: S108 - a file system of the container's own, in memory
_LIMIT_BYTES = 1024 * 1024


class KeptHistory:
    """Writes a line for each operation, with its item's number as `n`; two alternating files bound the memory."""

    def __init__(self, file: Path = FILE, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._path, self._limit_bytes = file, limit_bytes
        self._open()

    def write(self, result: Result, first_seq: int, kind: str) -> None:
        """Record the result of the item `first_seq + n`; `kind` as in the history of a load."""
        operation = replace(result.operation, n=first_seq + result.operation.n)
        self._file.write(replace(result, operation=operation).line(kind))
        if self._file.tell() >= self._limit_bytes:
            self._file.close()
            self._path.replace(self._path.with_suffix(".before"))
            self._open()

    def _open(self) -> None:
        # Unbuffered: a reader sees every line at once.
        self._file = self._path.open("ab", buffering=0)
