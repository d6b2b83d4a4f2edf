"""The database servers: which one is primary, and what the cluster's configuration store says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import replication
from redundancy.roles import Role


def primary(inventory: Inventory) -> Node | None:
    """Return the server that accepts writes, None when none that can be asked does just now.

    With a cluster the holder of the leader key is asked first: an old primary that was cut off may not know better.
    """
    holder = leader(inventory)
    servers = sorted(inventory.of_role(Role.DATABASE), key=lambda node: node.name != holder)
    return next((node for node in servers if accepts_writes(node)), None)


def accepts_writes(node: Node) -> bool:
    """Return whether a server takes itself for a primary; False when it does not answer."""
    try:
        return query(node, "postgres", f"SELECT {STANDBY}", _QUICK) == "f"
    except RedlabError:  # stopped, paused, or just starting
        return False


STANDBY = "(pg_is_in_recovery() OR coalesce(current_setting('redlab.follows', true), '') <> '')"
"""Whether a server stands by, in SQL: it follows another's log, or subscribes to its databases."""

_QUICK = {"PGCONNECT_TIMEOUT": "2", "PGOPTIONS": "-c statement_timeout=2000"}


def query(node: Node, name: str, text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return what a server answers to a query in the database ``name``, unaligned, without headings.

    Raises RedlabError when it does not answer, or refuses.
    """
    return engine.execute(node, _psql(name, text), environment).strip()


def query_json(node: Node, name: str, text: str) -> Any:
    """Return the one JSON value that a server answers to a query. Raises RedlabError as :func:`query` does."""
    return engine.read_json(node, _psql(name, text))


def _psql(name: str, text: str) -> list[str]:
    return ["psql", "-X", "-q", "-A", "-t", "-U", "postgres", "-d", name, "-c", text]


def leader(inventory: Inventory) -> str | None:
    """Return the name in the leader key, None when nobody holds it or no majority of the store answers."""
    return _stored(inventory, leader_key(inventory)) or None


def synchronous_standby(inventory: Inventory) -> Node | None:
    """Return the standby that may be promoted, since every commit waits for it; None when there is none just now.

    The store's word counts, not the primary's: PostgreSQL waits for a standby some seconds before Patroni writes down
    that it may be promoted.
    """
    holder = primary(inventory)
    state = json.loads(_stored(inventory, f"/service/{inventory.lab}/sync") or "{}")
    if holder is None or state.get("leader") != holder.name:
        return None
    names = (state.get("sync_standby") or "").split(",")
    return next((node for node in inventory.of_role(Role.DATABASE) if node.name in names), None)


def store_leader(inventory: Inventory) -> Node | None:
    """Return the member of the configuration store that leads, as one of them says itself; None when none does."""
    for store in inventory.of_role(Role.ETCD):
        try:
            said = store_status(store)
        except (RedlabError, ValueError):  # this member is stopped, or does not know
            continue
        # A member that knows of no leader leaves it out.
        if said.get("leader") == said["header"]["member_id"]:
            return store
    return None


def store_status(store: Node) -> dict[str, Any]:
    """Return what a member of the configuration store says of itself, in etcd's words. Raises RedlabError."""
    (said,) = engine.read_json(store, [*ETCDCTL, "endpoint", "status", "--write-out=json"])
    status: dict[str, Any] = said["Status"]
    return status


def standby(inventory: Inventory) -> Node | None:
    """Return the server that would take over now: a cluster's synchronous standby, or that of the other instance."""
    return replication.streaming_standby(inventory) if inventory.replicated else synchronous_standby(inventory)


def _stored(inventory: Inventory, key: str) -> str:
    for store in inventory.of_role(Role.ETCD):
        try:
            return engine.execute(store, [*ETCDCTL, "get", "--print-value-only", key]).strip()
        except RedlabError:  # this member is stopped, or cut off from the majority
            continue
    return ""


ETCDCTL = ("etcdctl", "--dial-timeout=1s", "--command-timeout=2s")
"""The store's client as it is called inside one of its members."""


def leader_key(inventory: Inventory) -> str:
    """Patroni's leader key of the lab's cluster (its documentation, `namespace` and `scope`)."""
    return f"/service/{inventory.lab}/leader"
