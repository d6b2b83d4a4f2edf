"""What the lab's own collectors were told is safe, and which of what anybody was told is in the databases."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from redlab import engine
from redlab.errors import RedlabError
from redlab.measure.history import parse_history
from redlab.measure.others import Item, told
from redlab.model.inventory import Inventory, Node
from redlab.probes import database
from redlab.probes.gateway_queue import items_of
from redlab.probes.stored_events import TABLES, query
from redlab.probes.stored_kinds import by_integrations, exists
from redundancy.roles import Role

_LATEST = 10_000
"""How much of what was set aside is looked at."""
_READ = "cat /tmp/history.before /tmp/history 2>/dev/null || true"


def acknowledged(inventory: Inventory, since: float, until: float) -> frozenset[Item]:
    """Return what collectors got their `200` for between two instants (monotonic seconds), as they wrote it down.

    One that does not run, or was restarted since, does not know any more.
    """
    return frozenset().union(*(_told(node, since, until) for node in inventory.of_role(Role.COLLECTOR)))


def _told(collector: Node, since: float, until: float) -> frozenset[Item]:
    try:
        lines = engine.execute(collector, ["/bin/sh", "-c", f"echo ${{REDLAB_TWIN:-$REDLAB_NODE}}; {_READ}"])
    except RedlabError:
        return frozenset()
    name, *history = lines.splitlines(keepends=True)
    return told(parse_history(history, collector_id=name.strip(), first_seq=0).operations, since, until)


def accounted(inventory: Inventory, servers: Collection[Node], items: Iterable[Item]) -> frozenset[Item]:
    """Return which of the items one of the servers holds, has set aside, or need not hold.

    Topology that comes by integrations is in an RTSM without the log of what was said. Raises RedlabError.
    """
    wanted: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        wanted.setdefault((item.kind, item.collector), []).append(item)

    def found(each: list[Item]) -> Iterator[Item]:
        if each[0].kind == "topology" and by_integrations(inventory):
            yield from each
            return
        numbers = {seq for server in servers for seq in _numbers(server, min(each), max(each))}
        yield from (item for item in each if item.seq in numbers)

    with ThreadPoolExecutor(max_workers=4) as pool:
        held = frozenset(item for each in pool.map(found, wanted.values()) for item in each)
    missing = frozenset().union(*wanted.values()) - held
    return held | (missing & frozenset().union(*map(_set_aside, servers)) if missing else frozenset())


def _set_aside(server: Node) -> frozenset[Item]:
    """What a server does not take and keeps as text: acknowledged, and shown (docs/contract)."""
    if database.query(server, "event", "SELECT to_regclass('rejected') IS NOT NULL") != "t":
        return frozenset()
    found: set[Item] = set()
    for (content,) in query(server, f"SELECT content FROM rejected ORDER BY rejected_at DESC LIMIT {_LATEST}"):  # noqa: S608 - a constant
        try:
            found |= items_of(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # so it was set aside
            continue
    return frozenset(found)


def _numbers(server: Node, first: Item, last: Item) -> list[int]:
    """The numbers of a kind and a collector from the first item to the last that a server holds."""
    name, table = TABLES[first.kind]
    try:
        rows = query(
            server,
            f"SELECT seq FROM {table} WHERE collector = current_setting('redlab.collector') "  # noqa: S608 - constants
            f"AND seq BETWEEN {first.seq} AND {last.seq}",
            {"PGOPTIONS": f"-c redlab.collector={_escaped(first.collector)}"},
            name,
        )
    except RedlabError:
        if exists(server, first.kind):
            raise
        return []
    return [int(seq) for (seq,) in rows]


def _escaped(text: str) -> str:
    """Return a text, which anybody may have sent, as one word of PGOPTIONS."""
    return re.sub(r"([\\\s])", r"\\\1", text)
