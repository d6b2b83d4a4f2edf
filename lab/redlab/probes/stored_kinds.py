"""The final read of what is no event: metrics in `profile`, topology in `rtsm`."""

from __future__ import annotations

from redlab.measure.history import ITEM_KINDS, History
from redlab.measure.loss import KindRecord
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.probes.clock import Clock
from redlab.probes.stored_events import TABLES, query, stored_rows
from redundancy.roles import Role

PREFIX = "load-"
"""What the names of the configuration items begin with that a load is about; the item's number follows."""


def stored_kinds(inventory: Inventory, server: Node, clock: Clock, history: History) -> list[KindRecord]:
    """Return what the instance of a database server holds of what a load sent it beside events.

    Empty when it sent events alone. Raises RedlabError when the server does not answer.
    """
    collector = history.collector_id
    return [
        KindRecord(
            kind,
            tuple(history.operations),
            tuple(stored_rows(server, clock, collector, kind)) if exists(server, kind) else (),
            last_said(server, collector) if kind == "topology" and by_integrations(inventory) else {},
        )
        for kind in ITEM_KINDS
        if kind != "event" and any(op.numbers(kind) for op in history.operations)
    ]


def by_integrations(inventory: Inventory) -> bool:
    """Whether topology comes to the failover instance by a UCMDB, which brings the items and not their log."""
    return inventory.replicated and bool(inventory.of_role(Role.UCMDB))


def exists(server: Node, kind: str) -> bool:
    """Whether a server has the table of a kind: the first who writes there makes it."""
    name, table = TABLES[kind]
    return database.query(server, name, f"SELECT to_regclass('{table}') IS NOT NULL") == "t"


def last_said(server: Node, collector_id: str) -> dict[str, int]:
    """Return of each configuration item, by its number, the number of what a load said of it last that is its state."""
    if database.query(server, "rtsm", "SELECT to_regclass('configuration_items') IS NOT NULL") != "t":
        return {}
    rows = query(
        server,
        f"SELECT substr(name, {len(PREFIX) + 1}), attributes ->> 'seq' FROM configuration_items "  # noqa: S608 - constants
        f"WHERE starts_with(name, '{PREFIX}') AND attributes ->> 'collector' = current_setting('redlab.collector')",
        {"PGOPTIONS": f"-c redlab.collector={collector_id}"},
        "rtsm",
    )
    return {number: int(seq) for number, seq in rows}
