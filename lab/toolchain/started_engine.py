"""An engine started by this program: detached from it, and remembered, so that only that one is ever stopped."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from toolchain.context import Context
from toolchain.errors import SetupError
from toolchain.files import write_atomically
from toolchain.layout import Layout
from toolchain.processor_share import favour_containers

NOUN = "docker engine"
_READY_DEADLINE_SECONDS = 90.0
_STOP_DEADLINE_SECONDS = 60.0
_POLL_SECONDS = 0.1
_START_TIME_FIELD = 22  # proc(5): starttime, in clock ticks after boot


def start(context: Context, answers: Callable[[], bool]) -> None:
    """Start the engine's service, or the daemon itself, and wait until it answers."""
    if context.machine.has_systemd:
        command = ["systemctl", "start", "docker"]
        context.progress.run(context.machine, NOUN, "starting the docker service", command, deadline_seconds=120)
        _wait(answers, lambda: None, "see: journalctl --unit docker")
        return
    log = context.progress.log_file("dockerd")
    context.progress.say(NOUN, "starting dockerd …")
    # A session of its own and no inherited stream: who waits for our output to end does not wait for the engine.
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(context.machine.which("dockerd") or "dockerd")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=context.machine.child_environ,
            cwd="/",
            start_new_session=True,
        )
    _remember(context.layout, process.pid)
    try:
        _wait(answers, process.poll, f"see the end of {log}")
    except BaseException:
        process.terminate()
        raise
    favour_containers(context.machine.processor_controller)


def stop(layout: Layout) -> bool:
    """Stop the engine that this program started; False if there is none (another's engine is left alone)."""
    pid = _remembered(layout)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_DEADLINE_SECONDS
    while _remembered(layout) == pid:
        if time.monotonic() > deadline:
            raise SetupError(f"dockerd (process {pid}) did not end.", f"See {layout.log / 'dockerd.log'}.")
        time.sleep(_POLL_SECONDS)
    _record(layout).unlink(missing_ok=True)
    return True


def _wait(answers: Callable[[], bool], exit_code: Callable[[], int | None], hint: str) -> None:
    deadline = time.monotonic() + _READY_DEADLINE_SECONDS
    while not answers():
        code = exit_code()
        if code is not None:
            raise SetupError(f"dockerd ended at once, with exit code {code}.", f"What it said: {hint}.")
        if time.monotonic() > deadline:
            raise SetupError(f"The Docker engine does not answer after {_READY_DEADLINE_SECONDS:g} s.", f"Why: {hint}.")
        time.sleep(_POLL_SECONDS)


def _record(layout: Layout) -> Path:
    return layout.lab / "engine.json"


def _remember(layout: Layout, pid: int) -> None:
    write_atomically(_record(layout), json.dumps({"pid": pid, "started_ticks": _started_ticks(pid)}) + "\n")


def _remembered(layout: Layout) -> int | None:
    """Process id of the engine started here, if that very process (not a later one of its number) still runs."""
    try:
        record: dict[str, int] = json.loads(_record(layout).read_text())
    except FileNotFoundError:
        return None
    ticks = _started_ticks(record["pid"])
    return record["pid"] if ticks is not None and ticks == record["started_ticks"] else None


def _started_ticks(pid: int) -> int | None:
    """When a running process was started; None if there is none, or only its exit code is left."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field, the program's name in brackets, may contain spaces.
    state, *fields = status.rpartition(")")[2].split()
    return None if state == "Z" else int(fields[_START_TIME_FIELD - 4])
