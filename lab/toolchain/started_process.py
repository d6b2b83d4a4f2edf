"""A process that this program starts and records in a file: no other process is ever ended."""

import json
import os
import signal
import time
from pathlib import Path

from toolchain.errors import SetupError
from toolchain.files import read_record, write_atomically

_STOP_DEADLINE_SECONDS = 60.0
_POLL_SECONDS = 0.1
_START_TIME_FIELD = 22  # proc(5): starttime, in clock ticks after boot


def remember(record: Path, pid: int) -> None:
    """Record the process: its id and start time."""
    write_atomically(record, json.dumps({"pid": pid, "started_ticks": _started_ticks(pid)}) + "\n")


def remembered(record: Path) -> int | None:
    """Return the recorded process's id while it runs; None when it has ended, even if the id is in use again."""
    written = read_record(record) or {}
    pid, started = written.get("pid"), written.get("started_ticks")
    if not isinstance(pid, int) or not isinstance(started, int):
        return None
    return pid if _started_ticks(pid) == started else None


def stop(record: Path, name: str, log: Path) -> bool:
    """End the recorded process and wait for its end; False if it does not run. Raises SetupError if it does not end."""
    pid = remembered(record)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_DEADLINE_SECONDS
    while remembered(record) == pid:
        if time.monotonic() > deadline:
            raise SetupError(f"{name} (process {pid}) did not end.", f"See {log}.")
        time.sleep(_POLL_SECONDS)
    record.unlink(missing_ok=True)
    return True


def _started_ticks(pid: int) -> int | None:
    """Return a running process's start time; None if it does not exist or only its exit code is left."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field, the program's name in brackets, may contain spaces.
    state, *fields = status.rpartition(")")[2].split()
    return None if state == "Z" else int(fields[_START_TIME_FIELD - 4])
