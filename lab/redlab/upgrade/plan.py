"""The steps of an upgrade: what nobody is served by first, then a switchover, then the rest. By pattern.

Each step finds out by itself whether it was done, from what runs and what is declared: an upgrade that was interrupted
is gone through again, from where the lab is then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from redlab.control import gateway_removal, global_load_balancer
from redlab.control.lab import Laboratory
from redlab.control.management import Services
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import database, virtual_ip
from redlab.probes.node_state import node_states
from redlab.recovery import active_active, procedure, readiness, two_instances
from redlab.recovery.procedure import Step
from redlab.recovery.rehearsal import fail_over_copy
from redlab.upgrade.broken import UpgradeError
from redlab.upgrade.checks import alone_in
from redlab.waiting import until
from redundancy.roles import Role
from redundancy.topology import EVERY_SITE

CHECK_SECONDS = 60
"""How long everything may take to be well after nodes were made anew."""
BEHIND_LOAD_BALANCERS = (Role.GATEWAY, Role.LOAD_BALANCER)
"""Roles whose nodes serve the clients of their site."""


class Changes(Protocol):
    """What the steps do to the lab (:class:`redlab.upgrade.rollout.Rollout`)."""

    @property
    def roles(self) -> frozenset[str]:
        """The roles of the nodes whose images are upgraded."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """These nodes."""

    def done(self, nodes: Iterable[Node]) -> str:
        """That nothing is to do for these nodes, '' where something is."""

    def replace(self, nodes: Sequence[Node]) -> None:
        """Make them anew."""

    def without(self, nodes: Sequence[Node]) -> Mapping[str, object]:
        """What is declared without what was upgraded of these nodes."""

    def revert(self, overrides: Mapping[str, object]) -> None:
        """Have everything as declared so."""

    def settle(self) -> None:
        """Declare the images for the whole lab."""

    def settled(self) -> str:
        """That they are."""


class Plan:
    """The upgrade of one lab; ``say`` is told what takes its time."""

    def __init__(self, lab: Laboratory, changes: Changes, say: Callable[[str], None] = lambda _: None) -> None:
        self._lab = lab
        self._inventory = lab.inventory
        self._changes = changes
        self._say = say

    def steps(self) -> list[Step]:
        """Return the steps, in the order in which they are gone through from how the lab is now."""
        if len(self._inventory.data_centers) == 1:
            found = self._rolling(self._inventory.data_centers[0])
        elif self._inventory.active_active:
            found = self._twins()
        elif self._inventory.replicated:
            found = self._two_instances()
        else:
            found = self._two_sites()
        return [*found, self._settle()]

    # High Availability: node by node

    def _rolling(self, site: str) -> Iterator[Step]:
        alone = alone_in(self._inventory, {node.image_role for node in self._changes.nodes})
        for gateway in self._of(site, Role.GATEWAY):
            if gateway.name not in alone:
                yield self._drained(gateway)
        for store in self._of(site, Role.ETCD):
            yield self._replace((store,))
        balancers = [node for node in self._of(site, Role.LOAD_BALANCER) if node.name not in alone]
        if balancers:
            holder = virtual_ip.holder(self._inventory, site)
            for node in sorted(balancers, key=lambda node: node == holder):
                yield replace(self._replace((node,)), interrupts=node == holder)
        if len(members := [node for node in self._of(site, Role.DATABASE) if node.name not in alone]) > 1:
            primary = database.primary(self._inventory) or members[0]
            standby = next(node for node in members if node != primary)
            move = procedure.move_database(self._inventory, standby)
            yield from self._one_after_the_other(standby, primary, move)
        servers = [node for node in self._of(site, Role.DATA_PROCESSING_SERVER) if node.name not in alone]
        if servers:
            active = self._inventory.node(self._active_server())
            standby = next(node for node in servers if node != active)
            yield from self._one_after_the_other(standby, active, procedure.move_services(self._lab, standby))
        for node in self._of(site):
            if node.name in alone:
                yield replace(self._replace((node,)), interrupts=True)
        yield self._well("check", "see that every node is well, and that the services are active")

    def _one_after_the_other(self, first: Node, last: Node, move: Step) -> Iterator[Step]:
        """The one that stands by, then it takes over, then the other one."""
        yield self._replace((first,))
        yield self._unless_done((last,), move)
        yield self._replace((last,))

    def _drained(self, gateway: Node) -> Step:
        def act() -> None:
            try:
                with gateway_removal.drained(self._inventory, [gateway], come_back=True):
                    if not self._changes.done((gateway,)):
                        self._changes.replace((gateway,))
            except UpgradeError:
                raise
            except RedlabError as error:
                if not self._changes.done((gateway,)):
                    raise
                # Healthy, but the load balancers do not take it for ready.
                self._give_up((gateway,), str(error))

        def check() -> str:
            # A command that was killed may have left it out of use.
            return self._changes.done((gateway,)) if gateway_removal.in_use(self._inventory, gateway) else ""

        return Step(f"upgrade {gateway.name}", f"empty {gateway.name}, make it anew, use it again", check, act)

    # Distributed High Availability: the site without the clients, then the other one

    def _two_sites(self) -> Iterator[Step]:
        active = global_load_balancer.active_site(self._inventory)
        (idle,) = (site for site in self._inventory.data_centers if site != active)
        yield from self._vacated(idle, active, (Role.DATA_PROCESSING_SERVER, Role.DATABASE))
        for site, other in ((idle, active), (active, idle)):
            if site == active:
                yield from self._vacated(
                    site, other, (*BEHIND_LOAD_BALANCERS, Role.DATA_PROCESSING_SERVER, Role.DATABASE)
                )
            yield self._replace(self._of(site), f"the nodes of {site}")
            yield self._checked(site, procedure.ROLES)

    def _vacated(self, site: str, other: str, roles: Iterable[str]) -> Iterator[Step]:
        """Move what of these roles is in a site to the other one, as far as nodes are made anew there."""
        here, upgraded = self._of(site), self._changes.roles & set(roles)
        if upgraded & set(BEHIND_LOAD_BALANCERS):
            yield self._unless_done(here, procedure.move_clients(self._inventory, other))
        if Role.DATABASE in upgraded:
            (member,) = self._inventory.of_site(other, Role.DATABASE)
            yield self._unless_done(here, procedure.move_database(self._inventory, member))
        if Role.DATA_PROCESSING_SERVER in upgraded:
            (server,) = self._inventory.of_site(other, Role.DATA_PROCESSING_SERVER)
            yield self._unless_done(here, procedure.move_services(self._lab, server))

    # Disaster Recovery: the instance that stands by, then the former production

    def _two_instances(self) -> Iterator[Step]:
        active = global_load_balancer.active_site(self._inventory)
        (idle,) = (site for site in self._inventory.data_centers if site != active)
        primary = database.primary(self._inventory)
        if primary is not None and primary.site == idle:
            # A switchover was interrupted: it is ended, whether or not nodes are made anew.
            yield from (replace(step, interrupts=True) for step in two_instances.steps(self._lab, idle, planned=True))
            active, idle = idle, active
        else:
            yield two_instances.reprotection(self._inventory, active)
        here, there = self._of(active), self._of(idle)
        yield self._ready("readiness", "see that the failover instance could take over now", ())
        yield self._replace(there, f"the failover instance in {idle}")
        yield self._ready(f"check {idle}", f"see that the instance in {idle} could take over", there, unless=here)
        yield self._rehearsed(idle, there, unless=here)
        for step in two_instances.steps(self._lab, idle, planned=True):
            yield self._unless_done(here, step)
        yield self._replace(here, f"the former production in {active}")
        yield self._ready(f"check {active}", f"see that the instance in {active} could take over", ())

    def _ready(self, name: str, what: str, upgraded: Sequence[Node], unless: Sequence[Node] = ()) -> Step:
        def check() -> str:
            return self._changes.done(unless) if unless else ""

        def act() -> None:
            if not until(lambda: not self._unready(), CHECK_SECONDS, 0.5):
                self._give_up(upgraded, "; ".join(self._unready()))

        return Step(name, what, check, act)

    def _unready(self) -> list[str]:
        """What keeps the failover instance from taking over; that half of the lab has new images does not."""
        return [f"{found.name}: {found.found}" for found in readiness.takeover(self._inventory) if not found.ready]

    def _rehearsed(self, site: str, upgraded: Sequence[Node], unless: Sequence[Node]) -> Step:
        (server,) = self._inventory.of_site(site, Role.DATABASE)

        def check() -> str:
            return self._changes.done(unless) or (
                f"{server.name} was promoted already" if database.accepts_writes(server) else ""
            )

        def act() -> None:
            outcome = fail_over_copy(self._inventory, site, self._say)
            if outcome.problems:
                self._give_up(upgraded, "; ".join(outcome.problems))

        return Step("test failover", f"promote an isolated copy of the instance in {site}, and try it", check, act)

    # Business Continuity: instance by instance

    def _twins(self) -> Iterator[Step]:
        inventory = self._inventory
        now = global_load_balancer.active_site(inventory)
        declared = inventory.global_load_balancer.active_site if inventory.global_load_balancer else now
        active = inventory.data_centers[0] if now in EVERY_SITE else now
        (idle,) = (site for site in inventory.data_centers if site != active)
        everything = (*self._of(idle), *self._of(active))
        yield self._unless_done(self._of(idle), procedure.move_clients(inventory, active))
        for site, other in ((idle, active), (active, idle)):
            if site == active:
                for step in active_active.steps(inventory, other):
                    yield self._unless_done(self._of(site), step)
            yield self._replace(self._of(site), f"the instance in {site}")
            yield self._checked(site, active_active.ROLES)
        if self._changes.settled() and self._changes.done(everything):
            return
        yield replace(procedure.move_clients(inventory, declared), name="back", interrupts=True)

    # What they share

    def _of(self, site: str, role: Role | None = None) -> tuple[Node, ...]:
        return tuple(node for node in self._changes.nodes if node.site == site and role in (None, node.role))

    def _replace(self, nodes: Sequence[Node], called: str = "") -> Step:
        names = called or ", ".join(node.name for node in nodes)
        return Step(
            f"upgrade {called.rpartition(' ')[2] or names}",
            f"make {names} anew",
            lambda: self._changes.done(nodes),
            lambda: self._changes.replace(nodes),
        )

    def _unless_done(self, nodes: Sequence[Node], step: Step) -> Step:
        """Return a step of a switchover, which nothing asks for when the nodes that it relieves are done."""

        def check() -> str:
            return (self._changes.done(nodes) and "nothing is to be made anew there") or step.check()

        return replace(step, check=check, interrupts=True)

    def _checked(self, site: str, roles: Sequence[Role]) -> Step:
        def well() -> bool:
            try:
                procedure.prove_site(self._inventory, site, roles)
            except RedlabError:
                return False
            return not self._unwell(site)

        def act() -> None:
            if not until(well, CHECK_SECONDS, 0.25):
                self._give_up(self._of(site), self._unwell(site) or f"{site} could not take over")

        return Step(f"check {site}", f"see that {site} could take over", lambda: "", act)

    def _well(self, name: str, what: str) -> Step:
        def act() -> None:
            if not until(lambda: not self._unwell(), CHECK_SECONDS, 0.25):
                raise UpgradeError(self._unwell())

        return Step(name, what, lambda: "", act)

    def _unwell(self, site: str = "") -> str:
        """What is not well in a site, or anywhere; '' when all is."""
        states = [state for state in node_states(self._inventory) if site in ("", state.site) and not state.ready]
        found = [f"{state.name} {state.state}" for state in states]
        found += [
            f"the services are {services.state}"
            for services in (management.reachable_services() for management in self._lab.managements)
            if services.state != "active"
        ]
        if self._inventory.has_database_cluster and database.standby(self._inventory) is None:
            found.append("the database has no standby")
        return ", ".join(found)

    def _give_up(self, nodes: Sequence[Node], why: str) -> None:
        """Give nodes back what they had, and raise UpgradeError."""
        if nodes:
            self._say(f"{why}; reverting it")
            self._changes.revert(self._changes.without(nodes))
            why += f". It was reverted: {', '.join(node.name for node in nodes)} run what they ran before"
        raise UpgradeError(why)

    def _active_server(self) -> str:
        services = until(self._active, CHECK_SECONDS, 0.25) or self._lab.management.reachable_services()
        if services.active is None or services.state != "active":
            raise RedlabError(f"an upgrade needs active services, they are {services.state}; see `redlab failover`")
        return services.active

    def _active(self) -> Services | None:
        services = self._lab.management.reachable_services()
        return services if services.state == "active" else None

    def _settle(self) -> Step:
        return Step("declare", "name the images once, for the whole lab", self._changes.settled, self._changes.settle)


def steps(lab: Laboratory, changes: Changes, say: Callable[[str], None] = lambda _: None) -> list[Step]:
    """Return the steps of an upgrade."""
    return Plan(lab, changes, say).steps()
