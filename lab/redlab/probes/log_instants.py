"""Instants that only the components' own logs tell: when HAProxy gave a gateway up, when keepalived took over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from redlab import engine
from redlab.model.inventory import Inventory
from redlab.probes.clock import Clock
from redundancy.roles import Role


def gateway_given_up(inventory: Inventory, clock: Clock, gateway: str, since: float) -> float | None:
    """When the first load balancer marked a gateway down after ``since`` (monotonic), None if none did."""
    return _first(inventory, clock, rf"Server \w+/{re.escape(gateway)} is DOWN", since)


def virtual_ip_taken(inventory: Inventory, clock: Clock, since: float) -> float | None:
    """When a load balancer became VRRP master after ``since`` (monotonic), None if none did."""
    return _first(inventory, clock, r"Entering MASTER STATE", since)


def _first(inventory: Inventory, clock: Clock, pattern: str, since: float) -> float | None:
    found = [
        instant for instant, line in _lines(inventory, clock, since) if instant >= since and re.search(pattern, line)
    ]
    return min(found, default=None)


def _lines(inventory: Inventory, clock: Clock, since: float) -> Iterator[tuple[float, str]]:
    for node in inventory.of_role(Role.LOAD_BALANCER):
        # The engine filters by whole seconds.
        log = engine.of(node).logs(node.container, stamps=True, since=int(since + clock.offset_seconds))
        for line in log.decode(errors="replace").splitlines():
            stamp, _, text = line.partition(" ")
            yield clock.monotonic_of(stamp), text
