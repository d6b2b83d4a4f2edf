"""Fencing of a dead database primary: once its death is proven, the failover need not wait for the lease to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.waiting import until
from redundancy.roles import Role

PROMOTION_SECONDS = 60
STORE_SECONDS = 5


@dataclass(frozen=True)
class Proof:
    """The proof that a node is dead: the engine's statement about its container, which alone can run the node."""

    node: str
    evidence: str


def prove_dead(node: Node) -> Proof | None:
    """Return the proof that a node runs nothing, None when it runs, hangs (may wake up) or is about to start."""
    state = engine.container(node).state
    if state.running or state.paused or state.restarting or state.pid:
        return None
    return Proof(node.name, f"engine: {node.container} {state.status} since {state.finished_at}")


def release_lock(inventory: Inventory, proof: Proof) -> bool:
    """Delete the leader key of a node that is proven dead; returns whether it held it.

    Safe against a change in between: the store deletes it only while it names that node. A node that starts again
    later takes part in the election like any other.
    """
    key = database.leader_key(inventory)
    transaction = f'value("{key}") = "{proof.node}"\n\ndel {key}\n\n\n'
    command = ["sh", "-c", f"printf '%s' \"$TRANSACTION\" | {' '.join(database.ETCDCTL)} txn"]

    def released() -> str | None:
        for store in inventory.of_role(Role.ETCD):
            try:
                return engine.execute(store, command, {"TRANSACTION": transaction})
            except RedlabError:  # stopped, cut off, or electing a leader of its own
                continue
        return None

    answer = until(released, STORE_SECONDS, 0.1)
    if answer is None:
        raise RedlabError("the configuration store has no majority: the dead primary's lock cannot be released")
    return answer.startswith("SUCCESS")


class Fencer:
    """The controller's part for the database: watches the servers, fences a primary as soon as it is proven dead.

    Runs in a thread of its own between ``with`` and its end; ``say`` is told what it does.
    """

    def __init__(self, inventory: Inventory, say: Callable[[str], None]) -> None:
        self._inventory = inventory
        self._say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="fencer", daemon=True)
        self.fenced_at: float | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        servers = self._inventory.of_role(Role.DATABASE)
        alive = {node.name for node in servers}
        while not self._stop.wait(0.1):
            for node in servers:
                try:
                    proof = prove_dead(node)
                    if proof and node.name in alive and release_lock(self._inventory, proof):
                        self.fenced_at = time.monotonic()
                        self._say(f"fenced {node.name}: {proof.evidence}; its lock is released")
                    (alive.discard if proof else alive.add)(node.name)
                except RedlabError as error:
                    self._say(f"fencing {node.name}: {error}")
