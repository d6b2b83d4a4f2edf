"""Faults of links between sites, made in the router, proven, reverted.

The router ends them by itself when their time is up (docs/contract/wan-router.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from redlab import engine
from redlab.control import router
from redlab.faults import journal
from redlab.faults.fault import Fault
from redlab.faults.way import Way
from redlab.model.inventory import Inventory
from redlab.predict.fault_kinds import CUT, DEGRADE
from redundancy.roles import Role

DEGRADED = {"round_trip_milliseconds": 40.0}
"""Eight times what the pattern allows between its sites."""


def _cut(inventory: Inventory, way: Way, expires_after_seconds: float) -> None:
    router.cut(inventory, way.link, expires_after_seconds, way.from_site or None)


def _degrade(inventory: Inventory, way: Way, expires_after_seconds: float) -> None:
    router.change(inventory, way.link, DEGRADED, expires_after_seconds)


KINDS: dict[str, Callable[[Inventory, Way, float], None]] = {CUT.name: _cut, DEGRADE.name: _degrade}
"""The faults of a link, by the name of their kind. The router proves and reverts all of them alike."""


def inject(inventory: Inventory, kind: str, ways: Sequence[Way], expires_after_seconds: float) -> list[Fault]:
    """Break the ways one after the other, which takes milliseconds each; each is written down first."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no fault of a link; there are: {', '.join(KINDS)}")
    (node,) = inventory.of_role(Role.WAN_ROUTER)
    faults = []
    for way in ways:
        entry = journal.record(inventory.lab, kind, node.name, node.container, expires_after_seconds)
        injected_at = time.monotonic()
        KINDS[kind](inventory, way, expires_after_seconds)
        faults.append(Fault(entry, node, injected_at, _evidence(inventory, way)))
    return faults


def restore(container: str) -> None:
    """Revert every change of the links, in the router's container."""
    engine.of(container).execute(container, ["link", "restore", "--all"])


def _evidence(inventory: Inventory, way: Way) -> str:
    """What the router itself says, '' when the link is as it should be."""
    link = next(link for link in router.state(inventory).links if link.name == way.link)
    return f"router: {way.link}: {link.differences}" if link.differences else ""
