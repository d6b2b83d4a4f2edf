"""Whether a failover would work now, point by point. The points depend on the pattern.

Every pattern is checked for healthy nodes, and for equal counterparts (best practices, chapter 3: the same operating
system and root directory; chapters 1 and 2: comparable servers). The points of one pattern are in
:mod:`one_instance`, :mod:`replicated` and :mod:`twins`.
"""

from __future__ import annotations

from redlab.model.inventory import Inventory
from redlab.recovery.readiness import counterparts, nodes, one_instance, practised, replicated, twins
from redlab.recovery.readiness.finding import Finding
from redlab.recovery.readiness.replicated import MAXIMUM_LAG_SECONDS

__all__ = ["MAXIMUM_LAG_SECONDS", "Finding", "findings", "takeover"]


def findings(inventory: Inventory, maximum_lag_seconds: float = MAXIMUM_LAG_SECONDS) -> list[Finding]:
    """Return every point of readiness."""
    return [
        *takeover(inventory, maximum_lag_seconds),
        *counterparts.findings(inventory),
        # A failover of one change at a load balancer, or of the services alone, leaves little to practise.
        *([practised.finding(inventory)] if practised.is_needed(inventory) else []),
    ]


def takeover(inventory: Inventory, maximum_lag_seconds: float = MAXIMUM_LAG_SECONDS) -> list[Finding]:
    """Return the points that a takeover needs, without the comparison of counterparts and without practice.

    During an upgrade half of the lab differs on purpose.
    """
    found = [nodes.wellness(inventory)]
    if inventory.replicated:
        return [*found, *replicated.findings(inventory, maximum_lag_seconds)]
    return [*found, *(twins if inventory.active_active else one_instance).findings(inventory)]
