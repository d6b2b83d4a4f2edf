"""An engine that this program starts. It is detached, and recorded: no other engine is ever stopped."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from toolchain import started_process
from toolchain.context import Context
from toolchain.errors import SetupError
from toolchain.layout import Layout
from toolchain.processor_share import favour_containers

NOUN = "docker engine"
_READY_DEADLINE_SECONDS = 90.0
_POLL_SECONDS = 0.1


def start(context: Context, answers: Callable[[], bool]) -> None:
    """Start the engine's service, or the daemon itself, and wait until it answers."""
    if context.machine.has_systemd:
        command = ["systemctl", "start", "docker"]
        context.progress.run(context.machine, NOUN, "starting the docker service", command, deadline_seconds=120)
        _wait(answers, lambda: None, "see: journalctl --unit docker")
        return
    log = context.progress.log_file("dockerd")
    context.progress.say(NOUN, "starting dockerd …")
    # A new session and no inherited streams: a reader of this program's output does not wait for the engine to end.
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
    started_process.remember(_record(context.layout), process.pid)
    try:
        _wait(answers, process.poll, f"see the end of {log}")
    except BaseException:
        process.terminate()
        raise
    favour_containers(context.machine.processor_controller)


def stop(layout: Layout) -> bool:
    """Stop the engine that this program started; return False if there is none. Other engines are left alone."""
    return started_process.stop(_record(layout), "dockerd", layout.log / "dockerd.log")


def _wait(answers: Callable[[], bool], exit_code: Callable[[], int | None], hint: str) -> None:
    deadline = time.monotonic() + _READY_DEADLINE_SECONDS
    while not answers():
        code = exit_code()
        if code is not None:
            raise SetupError(f"dockerd ended at once, with exit code {code}.", f"Why: {hint}.")
        if time.monotonic() > deadline:
            raise SetupError(f"The Docker engine does not answer after {_READY_DEADLINE_SECONDS:g} s.", f"Why: {hint}.")
        time.sleep(_POLL_SECONDS)


def _record(layout: Layout) -> Path:
    return layout.lab / "engine.json"
