"""Whether each of two active-active instances could serve alone (best practices, chapter 4)."""

from __future__ import annotations

from collections.abc import Iterator

from redlab.drift import databases
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.probes import exchange, http
from redlab.recovery.readiness import nodes
from redlab.recovery.readiness.finding import Finding
from redundancy.roles import Role

MAXIMUM_BACKLOG_EVENTS = 1000


def findings(inventory: Inventory) -> Iterator[Finding]:
    """Yield every point of readiness."""
    for site in inventory.data_centers:
        yield nodes.servers(inventory.of_site(site, Role.DATA_PROCESSING_SERVER), f" of {site}")
        yield nodes.gateways(inventory, site, min(2, len(inventory.of_site(site, Role.GATEWAY))))
        yield from nodes.virtual_ips(inventory, site)
    yield nodes.queues(inventory)
    yield from (nodes.disk(node) for node in inventory.of_role(Role.DATABASE))
    yield _drift(inventory)
    yield from (_peer(inventory, site) for site in inventory.data_centers)
    yield _backlog(inventory)
    yield nodes.sites(inventory)


def _drift(inventory: Inventory) -> Finding:
    name, allowed = "drift of the configuration", "no difference"
    try:
        found = databases.differences(inventory)
    except RedlabError as error:
        return Finding(name, False, str(error), allowed)
    shown = ", ".join(f"{one.kind} {one.name}" for one in found[:5])
    return Finding(name, not found, f"{len(found)} differ: {shown}" if found else "configured alike", allowed)


def _peer(inventory: Inventory, site: str) -> Finding:
    """Whether the active server of a site hears from the other instance."""
    name, allowed = f"exchange of {site}", "the other instance is heard of"
    for node in inventory.of_site(site, Role.DATA_PROCESSING_SERVER):
        try:
            said = http.get(node, node.role.row.status_port, "/v1/status")
        except RedlabError:  # the point of readiness of the servers reports it
            continue
        if said["state"] == "active" and said["exchange"]:
            silent = said["exchange"]["peer_silent"]
            told = f"{said['exchange']['sent_events']} events told, {said['exchange']['received_events']} heard"
            return Finding(name, not silent, f"{node.name}: {'silence' if silent else told}", allowed)
    return Finding(name, False, "no server is active", allowed)


def _backlog(inventory: Inventory) -> Finding:
    name, allowed = "backlog of the exchange", f"fewer than {MAXIMUM_BACKLOG_EVENTS} events"
    try:
        waiting = exchange.open_events(inventory, "")
    except RedlabError as error:
        return Finding(name, False, str(error), allowed)
    return Finding(name, waiting < MAXIMUM_BACKLOG_EVENTS, f"{waiting} events wait to be told or acted upon", allowed)
