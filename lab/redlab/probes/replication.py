"""What a database server of two instances says of itself: its role, how far it has come, whom it streams to."""

from __future__ import annotations

from dataclasses import dataclass

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redundancy.roles import Role

VOLUME = "/var/lib/postgresql/data"
FOLLOW_FILE = f"{VOLUME}/follow"
"""Names the server that this one follows from its next start on; a server that has it never starts as a primary."""


@dataclass(frozen=True)
class DatabaseRole:
    """One reading (`database-role show`, docs/contract/database.md). Positions are bytes of the write-ahead log.

    ``timeline``: that of the history it writes, or receives (0: none).   ``written_bytes``: on disk there.
    ``replayed_bytes``: visible on a standby, None on a primary that never was one.
    ``lost``: slots that a primary gave up, since who follows by them was away for too long.
    ``complete``: False while a standby with subscriptions has not copied everything; it must not be promoted then.
    """

    standby: bool
    frozen: bool
    timeline: int
    written_bytes: int
    replayed_bytes: int | None
    streams_to: tuple[str, ...]
    replay_lag_seconds: float | None
    complete: bool = True
    lost: tuple[str, ...] = ()


def role(node: Node) -> DatabaseRole | None:
    """Return what a server says of itself; None when it does not answer."""
    try:
        said = engine.read_json(node, ["database-role", "show"])
    except RedlabError:  # stopped, paused, or just starting
        return None
    replayed, lag = said["replayed_bytes"], said["replay_lag_seconds"]
    return DatabaseRole(
        said["standby"],
        said["frozen"],
        int(said["timeline"] or 0),
        int(said["written_bytes"] or 0),
        None if replayed is None else int(replayed),
        tuple(said["streams_to"]),
        None if lag is None else float(lag),
        said["complete"],
        tuple(said.get("lost", ())),  # an older image does not say
    )


def follows(node: Node) -> str:
    """Return whom a server follows from its next start on, '' for nobody; it may be stopped."""
    return engine.read_file(node, FOLLOW_FILE).decode()


def unprotected(node: Node) -> bool:
    """Whether a server waits for no standby since it was promoted, though the topology may say so."""
    return bool(engine.read_file(node, f"{VOLUME}/unprotected"))


def streams(primary: Node, standby: Node) -> bool:
    """Whether a primary streams to a standby what it writes itself, not only what came before it was promoted."""
    return receives(role(primary), role(standby), standby.name)


def receives(primary: DatabaseRole | None, standby: DatabaseRole | None, name: str) -> bool:
    """The same of two readings, the latter of the server called ``name``."""
    if primary is None or standby is None or primary.standby or name not in primary.streams_to:
        return False
    return standby.timeline == primary.timeline


def given_up(inventory: Inventory) -> str:
    """Say which standby can never catch up any more, and what mends that; '' when there is none."""
    for node in inventory.of_role(Role.DATABASE) if inventory.replicated else ():
        said = role(node)
        if said and said.lost:
            return (
                f"{node.name} gave up {', '.join(said.lost)}, slot lost: who follows by it was away for too long, and "
                f"never catches up; `redlab reprotect {inventory.lab}` copies it anew"
            )
    return ""


def empty(inventory: Inventory) -> dict[str, str]:
    """Say of each server that came back without data, and is nothing yet, what it waits for, by its name."""
    return {node.name: _WAITS for node in inventory.of_role(Role.DATABASE) if inventory.replicated and _is_empty(node)}


_WAITS = (
    "it has no data and begins nothing while the other one stands by with its own, or does not answer: `redlab "
    "failover` makes that one the primary"
)


def _is_empty(node: Node) -> bool:
    if role(node) is not None or follows(node):
        return False
    try:
        return engine.execute(node, ["database-standing", "standing"]).strip() == "empty"
    except RedlabError:  # it does not run; or an older image, which begins
        return False


def streaming_standby(inventory: Inventory) -> Node | None:
    """Return the standby that a primary streams to; None when there is none just now."""
    one, other = inventory.of_role(Role.DATABASE)
    first, second = role(one), role(other)
    if receives(first, second, other.name):
        return other
    return one if receives(second, first, one.name) else None
