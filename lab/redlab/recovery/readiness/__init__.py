"""Whether a failover would work now, point by point; what that takes depends on the pattern.

Every pattern: the nodes, and that each counterpart runs the same (best practices, chapter 3: the same operating system
and root directory; chapters 1 and 2: comparable servers). Beside that: :mod:`one_instance`, :mod:`replicated`,
:mod:`twins`.
"""

from __future__ import annotations

from redlab.model.inventory import Inventory
from redlab.recovery.readiness import counterparts, nodes, one_instance, practised, replicated, twins
from redlab.recovery.readiness.finding import Finding
from redlab.recovery.readiness.replicated import MAXIMUM_LAG_SECONDS

__all__ = ["MAXIMUM_LAG_SECONDS", "Finding", "findings", "takeover"]


def findings(inventory: Inventory, maximum_lag_seconds: float = MAXIMUM_LAG_SECONDS) -> list[Finding]:
    """Return every point."""
    return [
        *takeover(inventory, maximum_lag_seconds),
        *counterparts.findings(inventory),
        # Where it is one change at a load balancer, or nothing but the services' start, there is little to practise.
        *([practised.finding(inventory)] if practised.is_needed(inventory) else []),
    ]


def takeover(inventory: Inventory, maximum_lag_seconds: float = MAXIMUM_LAG_SECONDS) -> list[Finding]:
    """Return what whoever takes over needs: without the comparison of counterparts, and without practice.

    During an upgrade half of a lab differs on purpose.
    """
    found = [nodes.wellness(inventory)]
    if inventory.replicated:
        return [*found, *replicated.findings(inventory, maximum_lag_seconds)]
    return [*found, *(twins if inventory.active_active else one_instance).findings(inventory)]
