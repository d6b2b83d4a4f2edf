"""Faults of one node: how each kind is made, proven and reverted, and the making of one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults import endpoints, expired_certificate, journal
from redlab.faults.fault import Fault
from redlab.faults.journal import Entry
from redlab.model.inventory import Node
from redlab.predict.fault_kinds import CERTIFICATE_EXPIRY, CRASH, CUT, HANG, VOLUME_LOSS
from redlab.stack import checkout

if TYPE_CHECKING:
    from docker.models.containers import Container


FREEZE_ATTEMPTS = 5
"""A freeze races with what just starts in the container, such as a health check: runc gives up, and thaws it again.

Whoever asked may ask again (runc#2791, #4388).
"""


def _nothing(_: Container, __: Entry) -> None:
    """A container that runs again is all there is to revert."""


@dataclass(frozen=True)
class NodeFault:
    """How a kind of fault is made of a node, how the engine proves it, and how it is reverted.

    ``proof``: what the engine says that proves it, '' when the node is all right; it is given the container's state.
    ``revert``: what is to be done before the container is brought back to running.
    ``prepare``: does what takes time before that is the fault's, and returns what makes it.
    ``connections``: it takes the node's connections away, which have to be written down before.
    """

    make: Callable[[Container], None]
    proof: Callable[[Container, Mapping[str, Any]], str]
    revert: Callable[[Container, Entry], None] = _nothing
    connections: bool = False
    prepare: Callable[[Container], Callable[[Container], None]] | None = None


def _kill(container: Container) -> None:
    container.kill(signal="SIGKILL")


def _dead(container: Container, state: Mapping[str, Any]) -> str:
    ended = f"{state['Status']}, exit code {state['ExitCode']}, at {state['FinishedAt']}"
    return "" if state["Running"] else f"{container.name} {ended}"


def _pause(container: Container) -> None:
    import docker

    for left in reversed(range(FREEZE_ATTEMPTS)):
        try:
            container.pause()
        except docker.errors.APIError as error:
            if not left or "unable to freeze" not in str(error.explanation):
                raise
        else:
            return


def _paused(container: Container, state: Mapping[str, Any]) -> str:
    return f"{container.name} {state['Status']}" if state["Paused"] else ""


def _alone(container: Container, state: Mapping[str, Any]) -> str:
    alone = state["Running"] and not endpoints.described(container.attrs)
    return f"{container.name} {state['Status']}, connected to no network" if alone else ""


def _connect(container: Container, entry: Entry) -> None:
    endpoints.restore(container, entry.endpoints)


def _lose_volume(container: Container) -> None:
    _kill(container)
    engine.erase_volumes(container)


def _lost(container: Container, state: Mapping[str, Any]) -> str:
    dead = _dead(container, state)
    return dead and f"{dead}; what its volumes held was erased"


def _lose_what_came_since(container: Container, _: Entry) -> None:
    if container.status != "running":
        # What takes its place is new: nothing that was written to it meanwhile, such as a mark, is there.
        engine.erase_volumes(container)


KINDS = {
    CRASH.name: NodeFault(_kill, _dead),
    HANG.name: NodeFault(_pause, _paused),
    CUT.name: NodeFault(endpoints.disconnect, _alone, _connect, connections=True),
    VOLUME_LOSS.name: NodeFault(_lose_volume, _lost, _lose_what_came_since),
    CERTIFICATE_EXPIRY.name: NodeFault(
        lambda container: expired_certificate.breaker(container)(container),
        expired_certificate.proof,
        expired_certificate.restore,
        prepare=expired_certificate.breaker,
    ),
}
"""The faults of a node, by the name of their kind."""


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
    fault = KINDS[kind]
    makers = [fault.prepare(container) if fault.prepare else fault.make for container in containers]
    injected_at = time.monotonic()
    try:
        with ThreadPoolExecutor(max_workers=len(nodes)) as pool:
            list(pool.map(lambda make, container: make(container), makers, containers))
    except docker.errors.APIError as error:
        raise RedlabError(f"no {kind} of {', '.join(node.name for node in nodes)}: {error.explanation}") from None
    return [
        Fault(entry, node, injected_at, evidence(kind, container))
        for entry, node, container in zip(entries, nodes, containers, strict=True)
    ]


def evidence(kind: str, container: Container) -> str:
    """Return what the engine says that proves the fault, or '' when it says the node is all right."""
    container.reload()
    said = KINDS[kind].proof(container, container.attrs["State"])
    return said and f"engine: {said}"


def _taken_away(kind: str, container: Container) -> tuple[endpoints.Endpoint, ...]:
    return endpoints.described(container.attrs) if KINDS[kind].connections else ()


def revert(container: Container, entry: Entry) -> None:
    """Revert what a fault has done to a container, and bring it back to running."""
    if entry.kind in KINDS:
        KINDS[entry.kind].revert(container, entry)
    heal_container(container)


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
