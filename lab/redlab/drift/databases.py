"""Configuration drift: what twin instances are configured with, found, compared, and made alike."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redlab import engine
from redlab.drift.differences import TOPOLOGY, Change, Difference, Measurements, compare, differing, measurements, plan
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.probes.stored_events import TABLES, query
from redlab.probes.stored_kinds import exists
from redundancy.roles import Role

_CONFIGURATION = (
    "SELECT coalesce(json_agg(json_build_object('kind', kind, 'name', name, 'content', content)), '[]') "
    "FROM configuration"
)
_TOPOLOGY = (
    "SELECT coalesce(json_agg(json_build_object('kind', 'topology', 'name', type || '/' || name, "
    "'content', attributes)), '[]') FROM configuration_items WHERE attributes IS NOT NULL"
)
# All changes or none; they come as a variable of psql's, which quotes them.
_APPLY = """
    BEGIN;
    DELETE FROM configuration WHERE (kind, name) IN (
        SELECT kind, name FROM jsonb_to_recordset(:'changes') AS change (kind text, name text));
    INSERT INTO configuration (kind, name, content)
    SELECT kind, name, content FROM jsonb_to_recordset(:'changes') AS change (kind text, name text, content jsonb)
    WHERE jsonb_typeof(content) <> 'null';
    COMMIT;
"""
_APPLY_TOPOLOGY = """
    SELECT count(put_item(:'site', split_part(name, '/', 1), substr(name, strpos(name, '/') + 1),
                          nullif(content, 'null')))
    FROM jsonb_to_recordset(:'changes') AS change (name text, content jsonb);
"""
_RECENT = (
    "SELECT collector, seq, extract(epoch FROM accepted_at), md5(data::text) FROM {table} "
    "WHERE accepted_at > clock_timestamp() - make_interval(secs => {seconds:.3f})"
)
_SAID = (
    "SELECT collector, seq, data FROM {table} WHERE (collector, seq) IN "
    "(SELECT * FROM jsonb_to_recordset($keys${keys}$keys$::jsonb) AS asked (collector text, seq bigint))"
)
_ASKED_AT_ONCE = 500
_MEASURED = ("event", "metric")
"""What twins measure; topology they find."""


@dataclass(frozen=True)
class Clocks:
    """How far the clock of the second instance is ahead of that of the first, and how uncertain the reading is."""

    ahead_seconds: float
    uncertain_seconds: float


def differences(inventory: Inventory) -> list[Difference]:
    """Return what the instances of a lab are configured with differently.

    Raises RedlabError when the lab has no twin instances, or one of them does not answer.
    """
    first, second = (_read(server) for server in _servers(inventory))
    return compare(first, second)


def changes(inventory: Inventory, source: str, target: str) -> list[Change]:
    """Return what makes the instance in ``target`` like that in ``source``. Raises RedlabError."""
    _known(inventory, source, target)
    return plan(differences(inventory), from_first=source == inventory.data_centers[0])


def apply(inventory: Inventory, source: str, target: str) -> list[Change]:
    """Make the instance in ``target`` like that in ``source``; returns what was changed. Raises RedlabError."""
    todo = changes(inventory, source, target)
    carry_out(inventory, target, todo)
    return todo


def carry_out(inventory: Inventory, site: str, todo: Sequence[Change]) -> None:
    """Make changes to the instance in a site. Raises RedlabError; those of each database are made all or not at all."""
    (server,) = inventory.of_site(site, Role.DATABASE)
    topology = [change for change in todo if change.kind == TOPOLOGY]
    _run(server, "management", _APPLY, [change for change in todo if change.kind != TOPOLOGY])
    if topology:
        _run(server, "rtsm", _APPLY_TOPOLOGY, topology)


def tamper(inventory: Inventory, site: str, name: str) -> None:
    """Have the instance in a site differ from the other by an alert called ``name`` (for drills)."""
    carry_out(inventory, site, [Change("alert", name, {"field": name, "equals": "never"})])


def measured(inventory: Inventory, minutes: float) -> Measurements:
    """Return how the measurements of the last minutes differ, one by one. Raises RedlabError."""
    servers = _servers(inventory)
    first, second = (_taken(server, minutes) for server in servers)
    keys = differing(first, second)
    contents = [_said(server, keys) for server in servers]
    said = {key: (contents[0].get(key), contents[1].get(key)) for key in keys}
    exchange = inventory.event_exchange
    return measurements(first, second, said, exchange.untwinned if exchange else ())


def _taken(server: Node, minutes: float) -> dict[tuple[str, str, int], tuple[float, str]]:
    return {
        (kind, collector, int(seq)): (float(at), digest)
        for kind in _MEASURED
        if exists(server, kind)
        for collector, seq, at, digest in query(
            server, _RECENT.format(table=TABLES[kind][1], seconds=minutes * 60), name=TABLES[kind][0]
        )
    }


def _said(server: Node, keys: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str, int], Any]:
    found: dict[tuple[str, str, int], Any] = {}
    for kind in _MEASURED:
        own = [{"collector": collector, "seq": seq} for what, collector, seq in keys if what == kind]
        for start in range(0, len(own), _ASKED_AT_ONCE):
            asked = json.dumps(own[start : start + _ASKED_AT_ONCE])
            rows = query(server, _SAID.format(table=TABLES[kind][1], keys=asked), name=TABLES[kind][0])
            found |= {(kind, collector, int(seq)): json.loads(data) for collector, seq, data in rows}
    return found


def clocks(inventory: Inventory) -> Clocks:
    """Return how far the clocks of the instances' database servers are apart. Raises RedlabError."""
    (first, first_half), (second, second_half) = (_clock(server) for server in _servers(inventory))
    return Clocks(second - first, first_half + second_half)


def _clock(server: Node) -> tuple[float, float]:
    """How far a server's clock is ahead of this machine's, and half the time that asking took."""
    before = time.time()
    told = float(database.query(server, "postgres", "SELECT extract(epoch FROM clock_timestamp())"))
    after = time.time()
    return told - (before + after) / 2, (after - before) / 2


def _servers(inventory: Inventory) -> list[Node]:
    if not inventory.active_active:
        raise RedlabError(
            f"lab {inventory.lab} ({inventory.pattern}) has no twin instances: nothing is configured twice"
        )
    return [inventory.of_site(site, Role.DATABASE)[0] for site in inventory.data_centers]


def _known(inventory: Inventory, source: str, target: str) -> None:
    if sorted((source, target)) != sorted(inventory.data_centers):
        first, second = inventory.data_centers
        raise RedlabError(
            f"from {source!r} to {target!r}; allowed: {first}:{second} or {second}:{first}; why: it makes the second "
            "instance like the first"
        )


def _read(server: Node) -> dict[tuple[str, str], Any]:
    rows = database.query_json(server, "management", _CONFIGURATION)
    if database.query(server, "rtsm", "SELECT to_regclass('configuration_items') IS NOT NULL") == "t":
        rows += database.query_json(server, "rtsm", _TOPOLOGY)
    return {(row["kind"], row["name"]): row["content"] for row in rows}


def _run(server: Node, name: str, text: str, todo: Sequence[Change]) -> None:
    document = json.dumps([{"kind": one.kind, "name": one.name, "content": one.content} for one in todo])
    psql = f'psql -X -q -A -t -U postgres -d {name} -v ON_ERROR_STOP=1 -v site="$SITE" -v changes="$CHANGES" >&2'
    environment = {"SITE": server.site, "CHANGES": document, "STATEMENTS": text}
    engine.execute(server, ["bash", "-o", "pipefail", "-c", f'printf %s "$STATEMENTS" | {psql}'], environment)
