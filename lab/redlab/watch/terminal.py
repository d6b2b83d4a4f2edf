"""The live view of a lab on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from redlab.errors import RedlabError
from redlab.watch.snapshot import Snapshot

COLOURS = {"healthy": "green", "running": "green", "starting": "yellow"}


def show(look: Callable[[], Snapshot], interval_seconds: float, times: int | None = None) -> None:
    """Show the lab until Ctrl-C, or so many times; a look that fails is shown, and tried again."""
    with Live(console=Console(highlight=False), auto_refresh=False) as live:
        count = 0
        while times is None or count < times:
            try:
                live.update(drawn(look()), refresh=True)
            except RedlabError as error:
                live.update(Text(str(error), style="bold red"), refresh=True)
            count += 1
            if times is None or count < times:
                time.sleep(interval_seconds)


def drawn(snapshot: Snapshot) -> RenderableType:
    """Return the drawing of one snapshot."""
    nodes = Table("node", "role", "site", "state", "notes", header_style="bold")
    for node in snapshot.nodes:
        state = Text(node.state, style=COLOURS.get(node.state, "bold red"))
        nodes.add_row(node.name, node.role, node.site, state, ", ".join(_notes(snapshot, node.name)))
    lines: list[RenderableType] = [Text(f"{snapshot.lab}: {snapshot.pattern}, {snapshot.at}", style="bold"), nodes]
    if snapshot.active_site:
        lines.append(Text(f"users go to: {snapshot.active_site}"))
    for one in snapshot.services:
        of = f" of {one.site}" if one.site else ""
        failover = {None: "unknown", True: "on", False: "off"}[one.automatic_failover]
        lines.append(Text(f"services{of}: {one.state} on {one.active or '-'}, automatic failover {failover}"))
    for link in snapshot.links:
        trip = "no answer" if link.round_trip_milliseconds is None else f"{link.round_trip_milliseconds:g} ms"
        traffic = "" if link.forwarded_bytes is None else f", {link.forwarded_bytes / 1e6:.1f} MB so far"
        style = "bold red" if link.differences else ""
        lines.append(Text(f"link {link.name}: {trip}{traffic} {link.differences}".rstrip(), style=style))
    return Group(*lines)


def _notes(snapshot: Snapshot, node: str) -> list[str]:
    notes = ["has the services" for one in snapshot.services if one.active == node]
    notes += [f"{q.pending_events} waiting" for q in snapshot.queues if q.node == node and q.pending_events is not None]
    for database in snapshot.databases:
        if database.node == node:
            behind = f", {database.behind_seconds:.2f} s behind" if database.behind_seconds else ""
            notes.append(f"{database.role}{behind}")
    return [
        *notes,
        *(f"{f.kind} on purpose, {f.ends_in_seconds:.0f} s more at most" for f in snapshot.faults if f.node == node),
    ]
