"""Whether the standby instance could take over (best practices, chapter 3)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from redlab import engine
from redlab.control import global_load_balancer, instance_parameters
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, replication, topology
from redlab.recovery.readiness import nodes
from redlab.recovery.readiness.finding import Finding
from redundancy.parameters import CONFIGURATION_FILE
from redundancy.roles import Role

MAXIMUM_LAG_SECONDS = 5.0
MAXIMUM_LAG_BYTES = 16 * 1024 * 1024
"""One segment of PostgreSQL's write-ahead log."""


def findings(inventory: Inventory, maximum_lag_seconds: float) -> Iterator[Finding]:
    """Yield every point of readiness."""
    primary = database.primary(inventory)
    if primary is None:
        yield Finding("production", False, "no database accepts writes", "one primary")
        return
    standby = next(node for node in inventory.of_role(Role.DATABASE) if node != primary)
    yield _clients(inventory, primary)
    yield from _replication(primary, standby, maximum_lag_seconds)
    yield from (nodes.disk(node) for node in (primary, standby))
    yield from _parameters(inventory, primary, standby)
    yield from (_configuration_files(inventory, site) for site in inventory.data_centers)
    yield from _topology(inventory)


def _clients(inventory: Inventory, primary: Node) -> Finding:
    """Whether clients are sent to production. The load balancer may have lost its volume since a failover."""
    try:
        site = global_load_balancer.active_site(inventory)
    except RedlabError as error:
        return Finding("clients", False, str(error), f"led to {primary.site}")
    return Finding("clients", site == primary.site, f"led to {site}", f"led to {primary.site}, else `heal`")


def _replication(primary: Node, standby: Node, maximum_lag_seconds: float) -> Iterator[Finding]:
    here, there = replication.role(primary), replication.role(standby)
    streams = replication.receives(here, there, standby.name)
    yield Finding(
        "replication", streams, f"{primary.name} streams to {standby.name}" if streams else "none", "streaming"
    )
    kept = database.query(
        primary,
        "postgres",
        "SELECT string_agg(slot_name || ' ' || coalesce(wal_status, 'lost'), ', ') FROM pg_replication_slots",
    )
    well = bool(kept) and all(part.split()[-1] in ("reserved", "extended") for part in kept.split(", "))
    yield Finding(
        "slot", well, kept or "none", "reserved or extended: production keeps what the standby lacks; else `reprotect`"
    )
    if not streams or here is None or there is None:
        return
    lag_bytes = max(0, here.written_bytes - (there.replayed_bytes or 0))
    yield Finding("lag", lag_bytes <= MAXIMUM_LAG_BYTES, f"{lag_bytes} bytes", f"at most {MAXIMUM_LAG_BYTES} bytes")
    lag_seconds = here.replay_lag_seconds or 0.0
    yield Finding(
        "delay", lag_seconds <= maximum_lag_seconds, f"{lag_seconds:.3f} s", f"at most {maximum_lag_seconds:g} s"
    )


def _parameters(inventory: Inventory, primary: Node, standby: Node) -> Iterator[Finding]:
    foreign = instance_parameters.foreign(inventory, primary)
    yield Finding("parameters of production", not foreign, ", ".join(foreign) or f"those of {primary.site}", "its own")
    name, allowed = "parameters of the failover instance", "all populated, and as its database server is"
    try:
        new, wrong = (
            instance_parameters.of_site(inventory, standby.site),
            instance_parameters.not_so(inventory, standby),
        )
        yield Finding(name, not wrong, "; ".join(wrong) or f"{len(new)} are populated", allowed)
    except RedlabError as error:
        yield Finding(name, False, str(error), allowed)


def _configuration_files(inventory: Inventory, site: str) -> Finding:
    """Whether the servers of an instance are configured with its own parameters."""
    name, allowed = f"configuration files of {site}", "the parameters of its instance"
    wrong = []
    for node in inventory.of_site(site, Role.DATA_PROCESSING_SERVER):
        try:
            if json.loads(engine.read_file(node, CONFIGURATION_FILE) or "{}") != instance_parameters.of_site(
                inventory, site
            ):
                wrong.append(f"{node.name} has others in {CONFIGURATION_FILE}")
        except (RedlabError, ValueError) as error:
            wrong.append(f"{node.name}: {error}")
    return Finding(name, not wrong, "; ".join(wrong) or f"those of {site}", allowed)


def _topology(inventory: Inventory) -> Iterator[Finding]:
    if not inventory.of_role(Role.UCMDB):
        return
    try:
        failing = [one for one in topology.integrations(inventory) if one.state in ("failing", "waiting")]
        found = "; ".join(f"{one.source} to {one.target}: {one.reason or one.state}" for one in failing)
    except RedlabError as error:
        found = str(error)
    yield Finding("topology", not found, found or "all integrations are current", "no integration fails")
