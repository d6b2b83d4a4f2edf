"""The members of a database cluster that follow nobody: started, or copied anew where that does not help."""

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
"""How long a member that was started may take until it follows by itself."""
STUCK_SECONDS = 120
"""How long a copy may get no further."""


def reprotections(inventory: Inventory) -> list[Step]:
    """Return a step for each member: it holds the lock, or follows who does. Raises RedlabError without a primary."""
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
    except RedlabError:  # it does not run, or does not stream
        return False
    return True


def _rejoin(member: Node, holder: str) -> None:
    if database_role.start(member) and until(lambda: _follows(member), READY_SECONDS):
        return
    # Patroni asks for it: nothing is copied over a member that holds the lock, or while nobody does.
    engine.execute(member, ["patroni-request", "POST", "/reinitialize", json.dumps({"force": True})])
    if not while_moving(lambda: _follows(member), lambda: _held(member), STUCK_SECONDS):
        raise RedlabError(
            f"{member.name} did not become the standby of {holder}, and got no further for {STUCK_SECONDS} s; see "
            f"`docker logs {member.container}`"
        )


def _held(member: Node) -> str:
    try:
        return engine.execute(member, ["du", "-s", replication.VOLUME])
    except RedlabError:  # files go away while they are counted
        return ""
