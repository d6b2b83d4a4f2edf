"""Faults of one node, made, proven and taken back.

crash (SIGKILL), hang (paused), cut (without any network), volume-loss (killed, and what it kept is gone).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from redlab import checkout, engine
from redlab.errors import RedlabError
from redlab.faults import endpoints, journal
from redlab.faults.fault import Fault
from redlab.inventory import Node

if TYPE_CHECKING:
    from docker.models.containers import Container


def _crash(container: Container) -> None:
    container.kill(signal="SIGKILL")


def _hang(container: Container) -> None:
    import docker

    for left in reversed(range(FREEZE_ATTEMPTS)):
        try:
            container.pause()
        except docker.errors.APIError as error:
            if not left or "unable to freeze" not in str(error.explanation):
                raise
        else:
            return


def _lose_volume(container: Container) -> None:
    container.kill(signal="SIGKILL")
    engine.erase_volumes(container)


FREEZE_ATTEMPTS = 5
"""A freeze races with what just starts in the container, such as a health check: runc gives up, and thaws it again.

Whoever asked may ask again (runc#2791, #4388).
"""


VOLUME_LOSS = "volume-loss"
KINDS: dict[str, Callable[[Container], None]] = {
    "crash": _crash,
    "hang": _hang,
    "cut": endpoints.disconnect,
    VOLUME_LOSS: _lose_volume,
}


def inject(lab: str, kind: str, nodes: Sequence[Node], expires_after_seconds: float) -> list[Fault]:
    """Break nodes at the same time. It is written down first, and heals by itself even if this process is killed.

    Raises RedlabError, with the engine's words, when it cannot be done; what is done of it is written down.
    """
    import docker

    containers = [engine.container(node) for node in nodes]
    entries = [
        journal.record(lab, kind, node.name, node.container, expires_after_seconds, _taken_away(kind, container))
        for node, container in zip(nodes, containers, strict=True)
    ]
    # A process of its own, so that the faults end even when this one is killed.
    subprocess.Popen(
        [sys.executable, "-m", "redlab.faults.expiry", lab, *(entry.identity for entry in entries)],
        cwd=checkout.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    injected_at = time.monotonic()
    try:
        with ThreadPoolExecutor(max_workers=len(nodes)) as pool:
            list(pool.map(KINDS[kind], containers))
    except docker.errors.APIError as error:
        raise RedlabError(f"no {kind} of {', '.join(node.name for node in nodes)}: {error.explanation}") from None
    return [
        Fault(entry, node, injected_at, evidence(kind, container))
        for entry, node, container in zip(entries, nodes, containers, strict=True)
    ]


def evidence(kind: str, container: Container) -> str:
    """Return what the engine says that proves the fault, or '' when it says the node is all right."""
    container.reload()
    state = container.attrs["State"]
    if kind in ("crash", VOLUME_LOSS) and not state["Running"]:
        gone = "; what its volumes held was erased" if kind == VOLUME_LOSS else ""
        ended = f"{state['Status']}, exit code {state['ExitCode']}, at {state['FinishedAt']}"
        return f"engine: {container.name} {ended}{gone}"
    if kind == "hang" and state["Paused"]:
        return f"engine: {container.name} {state['Status']}"
    if kind == "cut" and state["Running"] and not endpoints.described(container.attrs):
        return f"engine: {container.name} {state['Status']}, connected to no network"
    return ""


def _taken_away(kind: str, container: Container) -> tuple[endpoints.Endpoint, ...]:
    return endpoints.described(container.attrs) if kind == "cut" else ()


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
