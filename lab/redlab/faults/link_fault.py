"""Faults of links between sites: cut (both ways or one) and degrade (too slow), made in the router, proven, restored.

The router ends them by itself when their time is up (docs/container-contract.md, WAN router).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from redlab import engine
from redlab.faults import journal
from redlab.faults.fault import Fault
from redlab.inventory import Inventory, Node

CUT, DEGRADE = "cut", "degrade"
KINDS = (CUT, DEGRADE)
DEGRADED_ROUND_TRIP_MILLISECONDS = 40.0
"""Eight times what the pattern allows between its sites."""


@dataclass(frozen=True)
class Way:
    """A link; with ``from_site`` only the direction away from that site."""

    link: str
    from_site: str = ""


def inject(inventory: Inventory, kind: str, ways: Sequence[Way], expires_after_seconds: float) -> list[Fault]:
    """Break the ways one after the other, which takes milliseconds each; each is written down first."""
    (router,) = inventory.of_role("wanRouter")
    faults = []
    for way in ways:
        entry = journal.record(inventory.lab, kind, router.name, router.container, expires_after_seconds)
        injected_at = time.monotonic()
        engine.execute(router, _command(kind, way, expires_after_seconds))
        faults.append(Fault(entry, router, injected_at, _evidence(router, kind, way)))
    return faults


def restore(router: str) -> None:
    """Take everything back that was done to the links, in the router's container."""
    engine.execute_in(router, ["link", "restore", "--all"])


def _command(kind: str, way: Way, seconds: float) -> list[str]:
    until = ["--seconds", f"{seconds:.0f}"]
    if kind == CUT:
        return ["link", "cut", way.link, *(["--from", way.from_site] if way.from_site else []), *until]
    slow = f"{DEGRADED_ROUND_TRIP_MILLISECONDS:g}"
    return ["link", "set", way.link, "--round-trip-milliseconds", slow, *until]


def _evidence(router: Node, kind: str, way: Way) -> str:
    """What the router itself says, '' when the link is as it should be."""
    shown = json.loads(engine.execute(router, ["link", "show"]))
    link = next(link for link in shown["links"] if link["name"] == way.link)
    if kind == CUT and link["cuts"]:
        return f"router: {way.link} cut: {json.dumps(link['cuts'])}"
    if kind == DEGRADE and link["current"] != link["declared"]:
        return f"router: {way.link} {json.dumps(link['current'])}"
    return ""
