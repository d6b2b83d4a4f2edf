"""What a lab that has just come up still has to do until all is well: each part says what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.output import progress, say
from redlab.probes import database, http, topology
from redlab.waiting import until
from redundancy.roles import Role

SERVICES_SECONDS = 60
"""How long the services may take beyond the start time that the topology gives them."""
REST_SECONDS = 60
"""How long each of the rest may take: a standby copies a new database, integrations look every few seconds."""


@dataclass(frozen=True)
class Part:
    """Something that has to be well: ``missing`` says what is not, '' once it is.

    A lab serves nobody without its ``vital`` ones.
    """

    name: str
    missing: Callable[[], str]
    seconds: float
    vital: bool = False


def await_all(lab: Laboratory) -> None:
    """Wait until all is well, part by part, and tell of it.

    Raises RedlabError when the services do not start. What else is not well in time is told: the lab serves without.
    """
    for part in parts(lab):
        with progress(f"waiting for {part.name}"):
            well = until(lambda: not part.missing(), part.seconds, 0.2)  # noqa: B023 - called at once
        if well:
            continue
        found = f"{part.name}: {part.missing()}"
        if part.vital:
            raise RedlabError(f"not well within {part.seconds:g} s: {found}")
        say(f"not well within {part.seconds:g} s, and not waited for any longer: {found}")


def parts(lab: Laboratory) -> Iterator[Part]:
    """Yield what a lab of its kind waits for, in the order in which one needs the other."""
    inventory = lab.inventory
    start = SERVICES_SECONDS + inventory.timers.service_start_seconds
    yield Part("the services", lambda: _services(lab), start, vital=True)
    if inventory.has_database_cluster or inventory.replicated:
        yield Part("the standby database", lambda: _standby(inventory), REST_SECONDS)
    if inventory.of_role(Role.UCMDB):
        yield Part("the integrations", lambda: _integrations(inventory), REST_SECONDS)


def _services(lab: Laboratory) -> str:
    found = [management.reachable_services() for management in lab.managements]
    return "; ".join(f"{one.state}, assigned to {one.assigned_to or '-'}" for one in found if one.state != "active")


def _standby(inventory: Inventory) -> str:
    return "" if database.standby(inventory) else "no database could take over now"


def _integrations(inventory: Inventory) -> str:
    try:
        unsettled = [
            f"{one.source} to {one.target} {one.state}{f' ({one.reason})' if one.reason else ''}"
            for one in topology.integrations(inventory)
            if one.state not in topology.SETTLED
        ]
        for desk in inventory.of_role(Role.SERVICE_MANAGER):
            said = http.get(desk, desk.role.row.status_port, "/v1/status")["ucmdb"]
            unsettled += [] if said == "answers" else [f"{desk.name}: the UCMDB {said}"]
    except RedlabError as error:
        return str(error)
    return "; ".join(unsettled)
