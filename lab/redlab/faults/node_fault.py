"""Faults of one node: how each kind is made, proven and reverted, and the making of one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from redlab import engine
from redlab.engine import Container, EngineError
from redlab.engine.model import Endpoint
from redlab.errors import RedlabError
from redlab.faults import endpoints, expired_certificate, journal
from redlab.faults.fault import Fault
from redlab.faults.journal import Entry
from redlab.model.inventory import Node
from redlab.predict.fault_kinds import CERTIFICATE_EXPIRY, CRASH, CUT, HANG, VOLUME_LOSS
from redlab.stack import checkout

FREEZE_ATTEMPTS = 5
"""A freeze races with what just starts in the container, such as a health check: runc gives up, and thaws it again.

Whoever asked may ask again (runc#2791, #4388).
"""


def _nothing(_: Container, __: Entry) -> None:
    """A container that runs again is all there is to revert."""


@dataclass(frozen=True)
class NodeFault:
    """How a kind of fault is made of a node, how the engine proves it, and how it is reverted.

    ``prepare``: does what takes time before the fault begins, and returns the function that makes it.   ``proof``: what
    the engine says of the container that proves the fault, '' when the node is all right.   ``revert``: what is to be
    done before the container is brought back to running.   ``connections``: the fault takes the node's connections
    away, which have to be written down before.
    """

    prepare: Callable[[Container], Callable[[], None]]
    proof: Callable[[Container], str]
    revert: Callable[[Container, Entry], None] = _nothing
    connections: bool = False


def _at_once(make: Callable[[Container], None]) -> Callable[[Container], Callable[[], None]]:
    """Return the preparation of a fault that needs none."""
    return lambda container: lambda: make(container)


def _kill(container: Container) -> None:
    engine.of(container.name).kill(container.name)


def _dead(container: Container) -> str:
    state = container.state
    ended = f"{state.status}, exit code {state.exit_code}, at {state.finished_at}"
    return "" if state.running else f"{container.name} {ended}"


def _pause(container: Container) -> None:
    for left in reversed(range(FREEZE_ATTEMPTS)):
        try:
            engine.of(container.name).pause(container.name)
        except EngineError as error:
            if not left or "unable to freeze" not in error.words:
                raise
        else:
            return


def _paused(container: Container) -> str:
    return f"{container.name} {container.state.status}" if container.state.paused else ""


def _alone(container: Container) -> str:
    alone = container.state.running and not container.endpoints
    return f"{container.name} {container.state.status}, connected to no network" if alone else ""


def _connect(container: Container, entry: Entry) -> None:
    endpoints.restore(container.name, entry.endpoints)


def _lose_volume(container: Container) -> None:
    _kill(container)
    engine.of(container.name).erase_volumes(container.name)


def _lost(container: Container) -> str:
    dead = _dead(container)
    return dead and f"{dead}; what its volumes held was erased"


def _lose_what_came_since(container: Container, _: Entry) -> None:
    if container.state.status != "running":
        # What takes its place is new: nothing that was written to it meanwhile, such as a mark, is there.
        engine.of(container.name).erase_volumes(container.name)


KINDS = {
    CRASH.name: NodeFault(_at_once(_kill), _dead),
    HANG.name: NodeFault(_at_once(_pause), _paused),
    CUT.name: NodeFault(_at_once(endpoints.disconnect), _alone, _connect, connections=True),
    VOLUME_LOSS.name: NodeFault(_at_once(_lose_volume), _lost, _lose_what_came_since),
    CERTIFICATE_EXPIRY.name: NodeFault(
        expired_certificate.prepared, expired_certificate.proof, expired_certificate.restore
    ),
}
"""The faults of a node, by the name of their kind."""


def inject(lab: str, kind: str, nodes: Sequence[Node], expires_after_seconds: float) -> list[Fault]:
    """Break nodes at the same time. It is written down first, and heals by itself even if this process is killed.

    Raises RedlabError, with the engine's words, when it cannot be done; what is done of it is written down.
    """
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
    makers = [KINDS[kind].prepare(container) for container in containers]
    injected_at = time.monotonic()
    try:
        with ThreadPoolExecutor(max_workers=len(nodes)) as pool:
            list(pool.map(lambda make: make(), makers))
    except EngineError as error:
        raise RedlabError(f"no {kind} of {', '.join(node.name for node in nodes)}: {error.words}") from None
    return [Fault(entry, node, injected_at, evidence(kind, node)) for entry, node in zip(entries, nodes, strict=True)]


def evidence(kind: str, node: Node) -> str:
    """Return what the engine says that proves the fault, or '' when it says the node is all right."""
    said = KINDS[kind].proof(engine.container(node))
    return said and f"engine: {said}"


def _taken_away(kind: str, container: Container) -> tuple[Endpoint, ...]:
    return container.endpoints if KINDS[kind].connections else ()


def revert(container: Container, entry: Entry) -> None:
    """Revert what a fault has done to a container, and bring it back to running."""
    if entry.kind in KINDS:
        KINDS[entry.kind].revert(container, entry)
    heal_container(container.name)


def heal_container(name: str) -> bool:
    """Bring a container back to running; returns whether there was anything to do."""
    own = engine.of(name)
    state = own.container(name).state
    if state.paused:
        own.unpause(name)
    elif not state.running:
        own.start(name)
    else:
        return False
    return True
