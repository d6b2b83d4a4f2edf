"""The site failover and failback of a lab with several sites, as the steps that an operator goes through."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redlab import engine
from redlab.control import fencing, global_load_balancer
from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.probes.node_state import node_states
from redlab.waiting import until
from redundancy.roles import Role

ROLES = (Role.GATEWAY, Role.DATA_PROCESSING_SERVER, Role.LOAD_BALANCER, Role.DATABASE, Role.ETCD)
"""The roles of which a site needs a healthy node before it can take over."""
DATABASE_SECONDS = 90
"""How long the database may take to fail over by itself: longer than Patroni's lease and the election after it."""
STANDBY_SECONDS = 30
"""How long a member may take to become the synchronous standby. Patroni hands over to no other member."""
SERVICES_SECONDS = 30


@dataclass(frozen=True)
class Step:
    """One step of a procedure: its action, and the check that decides whether the action is needed and allowed.

    ``check`` raises RedlabError when the step must not be done. It returns '' when the step has to be done, and
    otherwise the reason to leave the step out. ``act`` returns once the effect is proven. ``interrupts``: clients that
    are being served may notice the step.
    """

    name: str
    description: str
    check: Callable[[], str]
    act: Callable[[], None]
    interrupts: bool = False


@dataclass(frozen=True)
class Done:
    """A step that is over: how long it took, and the reason if it was left out."""

    name: str
    seconds: float
    skipped: str = ""


def steps(lab: Laboratory, site: str) -> list[Step]:
    """Return the steps that bring services, database and clients to ``site``, in a failover as in a failback.

    The clients go first: the gateways there keep the collectors' data until a server processes it. The services go
    last: they write to the database.
    """
    inventory = lab.inventory
    if inventory.global_load_balancer is None:
        raise RedlabError(f"lab {inventory.lab} has one site: there is none to fail over to")
    if site not in inventory.data_centers:
        raise RedlabError(f"no site {site!r}; there are: {', '.join(inventory.data_centers)}")
    (server,) = inventory.of_site(site, Role.DATA_PROCESSING_SERVER)
    (member,) = inventory.of_site(site, Role.DATABASE)
    return [
        Step("site", f"prove that {site} can take over", lambda: prove_site(inventory, site, ROLES), lambda: None),
        move_clients(inventory, site),
        move_database(inventory, member),
        move_services(lab, server),
    ]


def move_clients(inventory: Inventory, site: str) -> Step:
    """Return the step that sends the clients to a site."""
    return Step(
        "clients",
        # Paired collectors keep sending to their own site, whatever the load balancer does.
        f"send {'users' if inventory.active_active else 'collectors and users'} to {site}",
        lambda: _has_clients(inventory, site),
        lambda: _move_clients(inventory, site),
    )


def move_database(inventory: Inventory, member: Node) -> Step:
    """Return the step that makes a member of the cluster its primary."""
    return Step(
        "database",
        f"make {member.name} the primary database",
        lambda: _is_primary(inventory, member),
        lambda: _move_database(inventory, member),
    )


def move_services(lab: Laboratory, server: Node) -> Step:
    """Return the step that gives the services to a data processing server."""
    return Step(
        "services",
        f"assign the services to {server.name}",
        lambda: _has_services(lab, server),
        lambda: _move_services(lab, server),
    )


def perform(todo: list[Step], before: Callable[[Step], None] = lambda _: None) -> list[Done]:
    """Carry out the steps. ``before`` is called with each step first; it may wait, or raise to stop there."""
    done = []
    for step in todo:
        before(step)
        started = time.monotonic()
        skipped = step.check()
        if not skipped:
            step.act()
        done.append(Done(step.name, time.monotonic() - started, skipped))
    return done


def prove_site(inventory: Inventory, site: str, roles: Sequence[Role]) -> str:
    """Return 'well' when a site has a healthy node of each role. Raises RedlabError for the first role without one."""
    states = {state.name: state for state in node_states(inventory)}
    for role in roles:
        nodes = [states[node.name] for node in inventory.of_site(site, role)]
        if not any(state.ready for state in nodes):
            found = ", ".join(f"{state.name} {state.state}" for state in nodes)
            raise RedlabError(f"{site} cannot take over: no {role} is well ({found})")
    return "well"


def _is_primary(inventory: Inventory, member: Node) -> str:
    holds = database.leader(inventory) == member.name
    return f"{member.name} is primary" if holds and database.accepts_writes(member) else ""


def _move_database(inventory: Inventory, member: Node) -> None:
    holder = database.leader(inventory)
    former = next((node for node in inventory.of_role(Role.DATABASE) if node.name == holder), None)
    refused = ""
    if former is not None and former != member:
        proof = fencing.prove_dead(former)
        if proof:
            fencing.release_lock(inventory, proof)
        elif database.accepts_writes(former):
            # Just after a failover the candidate is still catching up. Patroni itself refuses one that never does.
            until(lambda: database.synchronous_standby(inventory) == member, STANDBY_SECONDS, 0.25)
            try:
                switch_over(former, member)
            except RedlabError as error:  # a primary that has not noticed yet that it is cut off finds no candidate
                refused = f"; {error}"
            else:
                return
        # The former primary does not answer, or cannot hand over. Only the end of its lease makes it safe to go on.
    if not until(lambda: database.primary(inventory) == member, DATABASE_SECONDS, 0.1):
        raise RedlabError(
            f"{member.name} did not become primary within {DATABASE_SECONDS} s; leader: {holder}{refused}"
        )


def switch_over(former: Node, candidate: Node) -> None:
    """Move the primary by Patroni's planned switchover; returns once the candidate accepts writes.

    Raises RedlabError with Patroni's answer when it refused, or when the candidate did not become primary.
    """
    order = json.dumps({"leader": former.name, "candidate": candidate.name})
    refused: list[RedlabError] = []

    def ask() -> None:
        try:
            engine.execute(former, ["patroni-request", "POST", "/switchover", order])
        except RedlabError as error:
            refused.append(error)

    # Patroni answers up to a second after the candidate has become primary: its answer is not waited for.
    threading.Thread(target=ask, name="switchover", daemon=True).start()
    if not until(lambda: refused or database.accepts_writes(candidate), DATABASE_SECONDS, 0.05):
        raise RedlabError(f"{candidate.name} did not become primary within {DATABASE_SECONDS} s")
    if refused:
        raise refused[0]


def _has_services(lab: Laboratory, server: Node) -> str:
    health = lab.management.reachable_health()
    if health and health.services.active == server.name and health.services.state == "active":
        return f"active on {server.name}"
    return ""


def _move_services(lab: Laboratory, server: Node) -> None:
    def assigned() -> bool:
        try:
            lab.management.reassign(server.name)
        except RedlabError:  # the gateways find the new primary a moment later
            return False
        return True

    if not until(assigned, SERVICES_SECONDS, 0.1):
        lab.management.reassign(server.name)
    limit_seconds = SERVICES_SECONDS + lab.inventory.timers.service_start_seconds
    if not until(lambda: bool(_has_services(lab, server)), limit_seconds, 0.05):
        raise RedlabError(f"{server.name} did not take the services within {limit_seconds:g} s")


def _has_clients(inventory: Inventory, site: str) -> str:
    return f"{site} is active" if global_load_balancer.active_site(inventory) == site else ""


def _move_clients(inventory: Inventory, site: str) -> None:
    global_load_balancer.set_active_site(inventory, site)
