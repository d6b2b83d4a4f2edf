"""Memory of a running lab, by role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from redlab.engine import connection
from redlab.model.inventory import Inventory

_MEBIBYTE = 1024 * 1024


def in_use_bytes(stats: Mapping[str, Any]) -> int:
    """Return a container's memory without the reclaimable page cache, as `docker stats` counts it.

    cgroup v1 names that part `total_inactive_file`, v2 `inactive_file`.
    """
    details = stats.get("stats", {})
    return int(stats["usage"] - details.get("total_inactive_file", details.get("inactive_file", 0)))


def measure(inventory: Inventory) -> dict[str, Any]:
    """Return the MiB in use, by role and for the whole stack."""
    by_role: dict[str, int] = defaultdict(int)
    for node in inventory.nodes:
        stats: Any = connection.client().api.stats(node.container, stream=False, one_shot=True)
        by_role[node.role] += in_use_bytes(stats["memory_stats"])
    return {
        "total_mebibytes": round(sum(by_role.values()) / _MEBIBYTE, 1),
        "by_role_mebibytes": {role: round(used / _MEBIBYTE, 1) for role, used in sorted(by_role.items())},
    }
