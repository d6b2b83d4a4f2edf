"""Members of a database cluster that have stopped following the primary: they are started, or copied anew."""

from __future__ import annotations

import json

from redlab import engine
from redlab.control import database_role
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, replication
from redlab.recovery.procedure import Step
from redlab.waiting import until, while_moving
from redundancy.roles import Role

READY_SECONDS = 30
"""How long a started member may take until it follows without a new copy."""
STUCK_SECONDS = 120
"""How long a copy may make no progress."""


def reprotections(inventory: Inventory) -> list[Step]:
    """Return a step for each member except the leader: make it follow. Raises RedlabError without a leader."""
    holder = database.leader(inventory)
    if holder is None:
        raise RedlabError(f"lab {inventory.lab} has no primary database that could be followed; see `redlab inspect`")
    return [_reprotection(node, holder) for node in inventory.of_role(Role.DATABASE) if node.name != holder]


def _reprotection(member: Node, holder: str) -> Step:
    return Step(
        "reprotect",
        f"make {member.name} the standby of {holder}",
        lambda: f"{member.name} follows" if _follows(member) else "",
        lambda: _rejoin(member, holder),
    )


def _follows(member: Node) -> bool:
    try:
        engine.execute(member, ["healthcheck"])
    except RedlabError:  # the member does not run, or does not stream
        return False
    return True


def _rejoin(member: Node, holder: str) -> None:
    if database_role.start(member) and until(lambda: _follows(member), READY_SECONDS):
        return
    # By way of Patroni: it copies nothing over a member that holds the lock, or while no member holds it.
    engine.execute(member, ["patroni-request", "POST", "/reinitialize", json.dumps({"force": True})])
    if not while_moving(lambda: _follows(member), lambda: _held(member), STUCK_SECONDS):
        raise RedlabError(
            f"{member.name} did not become the standby of {holder}, and got no further for {STUCK_SECONDS} s; see "
            f"`docker logs {member.container}`"
        )


def _held(member: Node) -> str:
    try:
        return engine.execute(member, ["du", "-s", replication.VOLUME])
    except RedlabError:  # files may disappear while they are counted
        return ""
