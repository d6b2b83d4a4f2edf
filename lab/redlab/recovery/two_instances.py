"""The recovery procedure of two instances: fenced failover, switchover and failback without loss, reprotection."""

from __future__ import annotations

from dataclasses import replace

from redlab.control import database_role, global_load_balancer, instance_parameters
from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, replication, topology_arrival
from redlab.recovery import active_active, procedure
from redlab.recovery.procedure import Step
from redlab.waiting import until
from redundancy.roles import Role

ROLES = (Role.GATEWAY, Role.DATA_PROCESSING_SERVER, Role.LOAD_BALANCER)
"""The roles of which a site needs a healthy node to take over. Its database server is asked separately."""
READY_SECONDS = 30


RISK = (
    "`--force` promotes all the same; should {former} still run, or start again, both accept writes, and what one of "
    "them took in is lost when it is made the standby of the other"
)
"""The risk of a failover without a fence."""


def steps(lab: Laboratory, site: str, *, planned: bool, force: bool = False) -> list[Step]:
    """Return the steps that bring services, database and clients to ``site``.

    Active-active instances: those of :mod:`redlab.recovery.active_active`. One instance in two sites: those of
    :mod:`redlab.recovery.procedure`. Two instances with replication: the recovery procedure, which stops the former
    primary before it promotes the candidate.

    ``planned``: the former primary is healthy. Nothing may be lost, and it becomes the standby in the end. Without
    ``planned`` the procedure gives up all data that had not been replicated. ``force``: go on although the former
    primary cannot be fenced (:data:`RISK`).

    Each step finds out whether it was done already: an interrupted procedure is repeated from its start.
    """
    inventory = lab.inventory
    if inventory.active_active:
        return active_active.steps(inventory, site, force=force)
    if not inventory.replicated:
        return procedure.steps(lab, site)
    if site not in inventory.data_centers:
        raise RedlabError(f"no site {site!r}; there are: {', '.join(inventory.data_centers)}")
    former, heir = _servers(inventory, site)
    server = inventory.of_site(site, Role.DATA_PROCESSING_SERVER)[0]
    here = replace(lab, management=lab.management_of(site))
    services = procedure.move_services(here, server)
    todo = [
        Step(
            "instance",
            f"prove that the instance in {site} can take over",
            lambda: _prove_instance(inventory, site, planned=planned),
            lambda: None,
        ),
        Step(
            "fence",
            f"{'hand over from' if planned else 'fence'} {former.name}: it must not accept a write any more",
            lambda: "" if force else database_role.fenced(former, heir),
            lambda: _hand_over(inventory, former, heir) if planned else _fence(former, heir, force=force),
        ),
        Step(
            "database",
            f"promote {heir.name}",
            lambda: _is_primary(former, heir, force=force),
            lambda: _promote(former, heir, force=force),
        ),
        Step(
            "clean-up",
            f"replace the parameters of {former.site} by those of {site}",
            lambda: instance_parameters.cleaned_up(inventory, heir),
            lambda: instance_parameters.clean_up(inventory, heir),
        ),
        replace(services, check=lambda: _cleaned(inventory, heir) and services.check()),
        Step(
            "gateways",
            f"see that the load balancers of {site} serve",
            lambda: _serves(inventory, site),
            lambda: _await_site(inventory, site),
        ),
        procedure.move_clients(inventory, site),
    ]
    return [*todo, reprotection(inventory, site)] if planned else todo


def resume(lab: Laboratory) -> list[str]:
    """Finish an interrupted procedure that left no serving instance; returns the actions taken, a line each.

    Both servers are marked as standbys only between the fence and the promotion. A primary is frozen without a mark
    only before the fence. In any other state nothing is done.
    """
    if not lab.inventory.replicated:
        return []
    servers = lab.inventory.of_role(Role.DATABASE)
    if all(replication.follows(node) for node in servers):
        for node in servers:
            database_role.start(node)
        heir = until(lambda: next(filter(_stands_by, servers), None), READY_SECONDS)
        if heir is None:
            raise RedlabError("an interrupted procedure left no standby that can be promoted: see the databases' logs")
        for node in lab.inventory.of_site(heir.site):
            database_role.start(node)
        until(lambda: _can_take_over(lab.inventory, heir.site), READY_SECONDS, 0.25)
        procedure.perform(steps(lab, heir.site, planned=False))
        return [f"the interrupted failover to {heir.site} was finished"]
    done = []
    for node in servers:
        said = replication.role(node)
        if said and said.frozen and not said.standby:
            database_role.thaw(node)
            done.append(f"{node.name}: takes writes again, the interrupted switchover was reverted")
    return done


def lead_clients(lab: Laboratory) -> list[str]:
    """Send the clients to the instance of the only primary when they go elsewhere; returns the actions taken.

    Clients go elsewhere after an interrupted procedure, or when the load balancer has lost the volume with its active
    site: it then sends them nowhere, or to the site that the topology declares.
    """
    declared = global_load_balancer.declare_again(lab.inventory)
    return ["clients are led as the topology declares"] * declared + _lead_to_primary(lab)


def _lead_to_primary(lab: Laboratory) -> list[str]:
    primary = database.primary(lab.inventory) if lab.inventory.replicated else None
    if primary is None or global_load_balancer.active_site(lab.inventory) == primary.site:
        return []
    former, heir = _servers(lab.inventory, primary.site)
    if not database_role.fenced(former, heir):
        return []  # the operator decides which instance's events are kept
    procedure.perform(steps(lab, primary.site, planned=False))
    return [f"clients go to {primary.site}, whose database is the primary"]


def reprotection(inventory: Inventory, site: str) -> Step:
    """Return the step that makes the other instance's database the standby of that in ``site``."""
    former, heir = _servers(inventory, site)

    def protected() -> bool:
        synchronous = bool(inventory.replication and inventory.replication.synchronous)
        return replication.streams(heir, former) and not (synchronous and replication.unprotected(heir))

    return Step(
        "reprotect",
        f"make {former.name} the standby of {heir.name}",
        lambda: f"{heir.name} streams to {former.name}" if protected() else "",
        lambda: database_role.rejoin(former, heir),
    )


def _stands_by(node: Node) -> bool:
    said = replication.role(node)
    return bool(said and said.standby and said.complete)


def _can_take_over(inventory: Inventory, site: str) -> bool:
    try:
        return bool(procedure.prove_site(inventory, site, ROLES))
    except RedlabError:  # a node that was just started is not healthy yet
        return False


def _servers(inventory: Inventory, site: str) -> tuple[Node, Node]:
    """Return the database servers: that of the other instance, and that of ``site``."""
    (heir,) = inventory.of_site(site, Role.DATABASE)
    (former,) = (node for node in inventory.of_role(Role.DATABASE) if node != heir)
    return former, heir


def _prove_instance(inventory: Inventory, site: str, *, planned: bool) -> str:
    former, heir = _servers(inventory, site)
    procedure.prove_site(inventory, site, ROLES)
    said = replication.role(heir)
    if said is None:
        raise RedlabError(f"{site} cannot take over: {heir.name} does not answer")
    if said.standby and not said.complete:
        raise RedlabError(f"{site} cannot take over: {heir.name} has not copied everything from {former.name} yet")
    if planned and said.standby and not database_role.fenced(former, heir) and not replication.streams(former, heir):
        raise RedlabError(
            f"{heir.name} does not follow {former.name}, so a planned move would lose data: `redlab reprotect` first; "
            "`redlab failover` gives up what was not replicated"
        )
    return "well"


def _hand_over(inventory: Inventory, former: Node, heir: Node) -> None:
    """Hand over once all data has arrived, with a UCMDB its topology too. A failover gives up the rest."""
    database_role.hand_over(former, heir, topology_arrival.lacking(inventory, former, heir))


def _fence(former: Node, heir: Node, *, force: bool) -> None:
    try:
        database_role.fence(former, heir)
    except RedlabError as error:
        if not force:
            raise RedlabError(f"{error}. {RISK.format(former=former.name)}") from None


def _is_primary(former: Node, heir: Node, *, force: bool) -> str:
    # A server that is marked as a standby would not restart as a primary: the promotion removes the mark.
    if not database.accepts_writes(heir) or replication.follows(heir):
        return ""
    if not force and not database_role.fenced(former, heir):
        raise RedlabError(f"both {heir.name} and {former.name} may accept writes: stop one of them by hand")
    return f"{heir.name} is primary"


def _promote(former: Node, heir: Node, *, force: bool) -> None:
    if not force and not database_role.fenced(former, heir):
        raise RedlabError(
            f"{former.name} is not fenced: two primaries would each take events that the other never sees"
        )
    database_role.promote(heir)


def _cleaned(inventory: Inventory, heir: Node) -> str:
    foreign = instance_parameters.foreign(inventory, heir)
    if foreign:
        raise RedlabError(f"the settings on {heir.name} are another instance's, clean up first: {', '.join(foreign)}")
    return "cleaned up"


def _serves(inventory: Inventory, site: str) -> str:
    return f"{site} answers" if global_load_balancer.routing(inventory).up[site] else ""


def _await_site(inventory: Inventory, site: str) -> None:
    if not until(lambda: _serves(inventory, site), READY_SECONDS, 0.05):
        raise RedlabError(f"the load balancers of {site} do not serve after {READY_SECONDS} s: see its gateways' logs")
