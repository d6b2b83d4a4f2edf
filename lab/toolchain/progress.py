"""Progress lines for long steps, and the programs that such steps run."""

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

from toolchain.errors import SetupError
from toolchain.machine import Machine

HEARTBEAT_SECONDS = 10.0
_TAIL_LINES = 15
_TAIL_BYTES = 4096


class Progress:
    """Prints progress lines from several threads to one stream; programs' output goes to files in `log`."""

    def __init__(self, stream: TextIO, log: Path, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        self._stream = stream
        self._log = log
        self._heartbeat_seconds = heartbeat_seconds
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def say(self, noun: str, text: str) -> None:
        """Print one line about a part of the toolchain."""
        with self._lock:
            print(f"{noun:<18} {text}", file=self._stream, flush=True)

    def log_file(self, name: str) -> Path:
        """Return the path of a log file; its folder exists."""
        self._log.mkdir(parents=True, exist_ok=True)
        return self._log / f"{name}.log"

    def run(
        self,
        machine: Machine,
        noun: str,
        what: str,
        command: Sequence[str],
        *,
        deadline_seconds: float,
        cwd: Path | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Run a long program; a line every few seconds shows its last output and the elapsed time.

        Raises SetupError with the end of its output when it fails or exceeds the deadline.
        """
        log = self.log_file(noun.replace(" ", "-"))
        environ = {**machine.child_environ, **(variables or {})}
        begun = time.monotonic()
        self.say(noun, f"{what} …")
        with log.open("ab") as output:
            output.write(f"$ {' '.join(command)}\n".encode())
            output.flush()
            offset = output.tell()
            process = self._start(command, output, cwd, environ)
        try:
            code = self._wait(process, noun, log, offset, begun, deadline_seconds)
        finally:
            self._end(process)
        seconds = time.monotonic() - begun
        if code is None:
            message = f"{what}: not finished after {deadline_seconds:g} s"
            raise SetupError(message, f"The end of {log}:\n{_tail(log, offset)}")
        if code != 0:
            raise SetupError(
                f"{what}: `{command[0]}` failed with exit code {code}", f"The end of {log}:\n{_tail(log, offset)}"
            )
        self.say(noun, f"{what}: done in {seconds:.0f} s")

    def stop(self) -> None:
        """End every running program and refuse new ones, after the set-up was interrupted."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            process.terminate()

    def _start(
        self, command: Sequence[str], output: BinaryIO, cwd: Path | None, environ: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise SetupError("interrupted", "Run the same command again; completed parts are kept.")
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=cwd, env=dict(environ)
            )
            self._running.add(process)
            return process

    def _wait(
        self,
        process: subprocess.Popen[bytes],
        noun: str,
        log: Path,
        offset: int,
        begun: float,
        deadline_seconds: float,
    ) -> int | None:
        while True:
            left = begun + deadline_seconds - time.monotonic()
            if left <= 0:
                return None
            try:
                return process.wait(timeout=min(self._heartbeat_seconds, left))
            except subprocess.TimeoutExpired:
                last = (_tail(log, offset).splitlines() or [""])[-1].strip()
                self.say(noun, f"… {time.monotonic() - begun:.0f} s  {last[:90]}".rstrip())

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        with self._lock:
            self._running.discard(process)


def _tail(log: Path, offset: int) -> str:
    """Return the last lines of a log, from `offset` on at the earliest."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(offset, size - _TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-_TAIL_LINES:])
