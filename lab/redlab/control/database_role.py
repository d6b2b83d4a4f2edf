"""Changes of the role of a database server of two instances; each returns once its effect is proven."""

from __future__ import annotations

from collections.abc import Callable

from redlab import engine
from redlab.control import fencing
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import database, replication
from redlab.waiting import until, while_moving

CATCH_UP_SECONDS = 30
TOPOLOGY_SECONDS = 15
"""How long a standby may make no progress; over a slow link it is waited for as long as it progresses."""
STOP_SECONDS = 30
PROMOTION_SECONDS = 40
MARK_SECONDS = 15
"""How long an empty server may take to learn from its counterpart which server it follows."""
REJOIN_SECONDS = 120
"""How long a server may make no progress on its way to be a standby; over a slow link a copy takes longer."""


def fenced(former: Node, heir: Node) -> str:
    """Return the proof that ``former`` can accept no write before it was made a standby of ``heir``; '' for none.

    It runs nothing, or runs as a standby; and whenever it starts, it starts as one.
    """
    try:
        if replication.follows(former) != heir.name:
            return ""
    except RedlabError:  # out of reach: nothing is proven
        return ""
    dead = fencing.prove_dead(former)
    if dead:
        return f"{dead.evidence}; it will start as a standby of {heir.name}"
    said = replication.role(former)
    return f"{former.name} is a standby of {heir.name}" if said and said.standby else ""


def fence(former: Node, heir: Node) -> None:
    """Stop a server at once, and see to it that it never comes back as a primary. Raises RedlabError otherwise.

    The engine stands for what reaches a site when no network does: its power switch, its storage.
    """
    # First the mark, so that it holds however the server comes back; then the end of what runs.
    engine.write_file(former, replication.FOLLOW_FILE, heir.name.encode())
    if fencing.prove_dead(former) is None:
        engine.of(former).kill(former.container)
    _insist_on_fence(former, heir)


def hand_over(former: Node, heir: Node, lacking: Callable[[], str] = lambda: "") -> None:
    """Stop a primary without losing a commit: it takes no more writes, its standby catches up, then it is stopped.

    ``lacking``: what does not come by replication and is not there yet, '' for nothing. Raises RedlabError when the
    standby does not catch up; writes are taken again then.
    """
    written_bytes = int(engine.execute(former, ["database-role", "freeze"]))

    def replayed_bytes() -> int:
        said = replication.role(heir)
        return (said and said.replayed_bytes) or 0

    if not while_moving(lambda: replayed_bytes() >= written_bytes, replayed_bytes, CATCH_UP_SECONDS, 0.1):
        thaw(former)
        raise RedlabError(
            f"{heir.name} did not catch up with {former.name}, and got no further for {CATCH_UP_SECONDS} s: nothing "
            "was changed, writes are taken again; see `redlab link show` and the logs of both"
        )
    if not while_moving(lambda: not lacking(), lacking, TOPOLOGY_SECONDS, 0.1):
        missing = lacking()
        thaw(former)
        raise RedlabError(
            f"{heir.site} lacks {missing} of {former.site}, and got no further for {TOPOLOGY_SECONDS} s: nothing was "
            "changed, writes are taken again; see `redlab topology`"
        )
    engine.write_file(former, replication.FOLLOW_FILE, heir.name.encode())
    # A fast shutdown: what is left of the log, its end included, is sent before it ends.
    engine.of(former).stop(former.container, STOP_SECONDS)
    _insist_on_fence(former, heir)


def start(node: Node) -> bool:
    """Start a server that does not run; as what, the mark on its volume says. Returns whether there was need to."""
    idle = engine.container(node).state.status in ("created", "exited")
    if idle:
        engine.of(node).start(node.container)
    return idle


def thaw(primary: Node) -> None:
    """Make a frozen primary accept writes again."""
    engine.execute(primary, ["database-role", "thaw"])


def promote(heir: Node) -> None:
    """Make a standby the primary. Raises RedlabError when it does not accept writes in time."""
    engine.execute(heir, ["database-role", "promote"])
    if not until(lambda: database.accepts_writes(heir), PROMOTION_SECONDS, 0.05):
        raise RedlabError(f"{heir.name} did not become primary within {PROMOTION_SECONDS} s")


def rejoin(former: Node, primary: Node) -> None:
    """Make a former primary the standby of ``primary``: rewound where possible, else copied anew.

    One that comes back empty asks ``primary`` itself, and is given the time to. A standby whose slot is lost is copied
    anew too.
    """

    def marked() -> bool:
        return replication.follows(former) == primary.name

    if not marked() and (database.accepts_writes(former) or not until(marked, MARK_SECONDS)):
        raise RedlabError(f"{former.name} is not fenced: it would come back as a primary; run the failover first")
    said = replication.role(primary)
    if not start(former) and said and said.lost:
        # It finds out when it starts, before PostgreSQL is.
        engine.of(former).restart(former.container, STOP_SECONDS)
    if not while_moving(lambda: replication.streams(primary, former), lambda: _got(former), REJOIN_SECONDS):
        raise RedlabError(
            f"{former.name} did not become the standby of {primary.name}, and got no further for {REJOIN_SECONDS} s; "
            f"see `docker logs {former.container}`"
        )
    engine.execute(primary, ["database-role", "protect"])


def _got(server: Node) -> str:
    """How far a server has come that copies or catches up: what its volume holds, and what it has received."""
    said = replication.role(server)
    if said:
        return str((said.written_bytes, said.complete))
    try:
        return engine.execute(server, ["du", "-s", replication.VOLUME])
    except RedlabError:  # the server is just starting
        return ""


def _insist_on_fence(former: Node, heir: Node) -> None:
    if not fenced(former, heir):
        raise RedlabError(f"{former.name} could not be fenced: it may go on accepting writes, so nothing is promoted")
