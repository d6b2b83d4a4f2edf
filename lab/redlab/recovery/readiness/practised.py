"""When a failover was last practised (best practices, chapters 2 and 3: it is practised regularly)."""

from __future__ import annotations

from redlab import engine
from redlab.model.inventory import Inventory
from redlab.recovery.readiness.finding import Finding
from redlab.results import practice

PRACTICE_DAYS = 90
"""Longest time since the last practised failover: a quarter."""


def is_needed(inventory: Inventory) -> bool:
    """Whether a failover of this lab has several steps: one instance in two sites, or a standby instance."""
    return inventory.replicated or (len(inventory.data_centers) > 1 and not inventory.active_active)


def finding(inventory: Inventory) -> Finding:
    """Return the point of readiness."""
    allowed = f"within {PRACTICE_DAYS} days"
    known = practice.of_lab(inventory)
    if not known:
        return Finding("practice", False, "no failover was practised since this lab was made", allowed)
    last = known[-1]
    days, to = (engine.now() - last.at) / 86400, f" to {last.to}" if last.to else ""
    found = f"{days:.1f} days ago: {last.how}{to}, {last.seconds:.1f} s"
    return Finding("practice", days <= PRACTICE_DAYS, found, allowed)
