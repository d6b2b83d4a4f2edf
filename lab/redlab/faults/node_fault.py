"""Faults of one node: crash (SIGKILL) and hang (paused), made, proven and taken back."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab import checkout, engine
from redlab.errors import RedlabError
from redlab.faults import journal
from redlab.inventory import Node

if TYPE_CHECKING:
    from docker.models.containers import Container


def _crash(container: Container) -> None:
    container.kill(signal="SIGKILL")


def _hang(container: Container) -> None:
    container.pause()


KINDS: dict[str, Callable[[Container], None]] = {"crash": _crash, "hang": _hang}


@dataclass(frozen=True)
class Fault:
    """A fault that was made: when the engine was asked for it (monotonic), and the proof that it took effect.

    The effect follows within milliseconds of the asking, so a recovery time from ``injected_at`` is never too short.
    ``evidence`` is '' when the fault did not land.
    """

    entry: journal.Entry
    node: Node
    injected_at: float
    evidence: str


def inject(lab: str, kind: str, node: Node, expires_after_seconds: float) -> Fault:
    """Break a node. It is written down first, and heals by itself even if this process is killed."""
    container = engine.container(node)
    entry = journal.record(lab, kind, node.name, node.container, expires_after_seconds)
    # A process of its own, so that the fault ends even when this one is killed.
    subprocess.Popen(
        [sys.executable, "-m", "redlab.faults.expiry", lab, entry.identity],
        cwd=checkout.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    injected_at = time.monotonic()
    KINDS[kind](container)
    return Fault(entry, node, injected_at, evidence(kind, container))


def evidence(kind: str, container: Container) -> str:
    """Return what the engine says that proves the fault, or '' when it says the node is all right."""
    container.reload()
    state = container.attrs["State"]
    if kind == "crash" and not state["Running"]:
        return f"engine: {container.name} {state['Status']}, exit code {state['ExitCode']}, at {state['FinishedAt']}"
    if kind == "hang" and state["Paused"]:
        return f"engine: {container.name} {state['Status']}"
    return ""


def heal_container(container: Container) -> bool:
    """Bring a container back to running; returns whether there was anything to do."""
    container.reload()
    state = container.attrs["State"]
    if state["Paused"]:
        container.unpause()
    elif not state["Running"]:
        container.start()
    else:
        return False
    return True


def heal(entry: journal.Entry) -> None:
    """Take one fault back and prove it. Raises RedlabError when the container is not running afterwards."""
    import docker

    try:
        container = engine.client().containers.get(entry.container)
    except docker.errors.NotFound:
        # The lab was destroyed under the fault: nothing is left to heal.
        entry.file.unlink(missing_ok=True)
        return
    heal_container(container)
    container.reload()
    if container.status != "running":
        raise RedlabError(f"{entry.container} is {container.status} after healing; see `docker logs {entry.container}`")
    entry.file.unlink(missing_ok=True)
