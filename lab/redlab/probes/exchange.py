"""What twin instances know of the events that they share, and what the service desk did upon them."""

from __future__ import annotations

import json

from redlab.errors import RedlabError
from redlab.measure.exchange import Action, SharedRecord
from redlab.model.inventory import Inventory, Node
from redlab.probes import http
from redlab.probes.stored_events import query
from redundancy.roles import Role

_DATABASES = {Role.SERVICE_MANAGER: "service_manager", Role.OPERATIONS_ORCHESTRATION: "operations_orchestration"}
"""Who acts upon events, by role: the database that its actions are in."""


def shared_records(server: Node, collector_id: str) -> list[SharedRecord]:
    """Return what the instance of a database server knows of the events of a drill's collectors."""
    rows = query(
        server,
        "SELECT collector, seq, owner, term, sightings, incident, run FROM shared_events "
        "WHERE starts_with(collector, current_setting('redlab.collector'))",
        {"PGOPTIONS": f"-c redlab.collector={collector_id}"},
    )
    return [
        SharedRecord(collector, int(seq), owner, int(term), json.loads(sightings), incident or None, run or None)
        for collector, seq, owner, term, sightings, incident, run in rows
    ]


def open_events(inventory: Inventory, collector_id: str) -> int:
    """Return how many events of a drill wait: to be told to the other instance, or to be acted upon.

    Raises RedlabError when a database server does not answer.
    """
    mine = "starts_with(collector, current_setting('redlab.collector'))"
    count = (
        f"SELECT (SELECT count(*) FROM sightings WHERE {mine}) + (SELECT count(*) FROM shared_events "  # noqa: S608 - constants
        f"WHERE {mine} AND (version > told OR incident IS NULL OR run IS NULL))"
    )
    environment = {"PGOPTIONS": f"-c redlab.collector={collector_id}"}
    return sum(int(query(server, count, environment)[0][0]) for server in inventory.of_role(Role.DATABASE))


def actions(inventory: Inventory, role: Role, collector_id: str) -> list[Action]:
    """Return what Service Manager, or Operations Orchestration, did upon the events of a drill."""
    (server,) = inventory.of_role(Role.SERVICE_DATABASE)
    rows = query(
        server,
        "SELECT number, collector, seq FROM actions "
        "WHERE starts_with(collector, current_setting('redlab.collector')) ORDER BY number",
        {"PGOPTIONS": f"-c redlab.collector={collector_id}"},
        _DATABASES[role],
    )
    return [Action(number, collector, int(seq)) for number, collector, seq in rows]


def sent_bytes(inventory: Inventory) -> int:
    """Return how much the servers that run have told the other instance since they started, in bytes."""
    return sum(_sent(node) for node in inventory.of_role(Role.DATA_PROCESSING_SERVER))


def _sent(node: Node) -> int:
    try:
        exchange = http.get(node, node.role.row.status_port, "/v1/status")["exchange"]
    except RedlabError:  # stopped, or just starting
        return 0
    return int(exchange["sent_bytes"]) if exchange else 0
