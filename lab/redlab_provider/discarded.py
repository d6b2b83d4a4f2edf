"""Limits that an engine accepts and then ignores, because it has no controller that could enforce them. Pure.

Such an engine answers a creation with a warning, and reports the limit as 0, or as -1 for swap. This was seen on engine
28.5.2 with a cgroup v2 without controllers. Rootless engines without delegated controllers do it too; on cgroup v1
without swap accounting it concerns swap (moby, `verifyPlatformContainerResources`). If these values were compared with
the program's, every refresh would show a change that no update could make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HELD_BY: Final = {
    "MemoryLimit": ("memory", "memoryReservation", "memorySwap"),
    "SwapLimit": ("memorySwap",),
    "CPUShares": ("cpuShares",),
    "CPUSet": ("cpuSet",),
    "CpuCfsPeriod": ("cpuPeriod",),
    "CpuCfsQuota": ("cpuQuota",),
}
"""The properties by the field of the engine's SystemInfo that tells whether the engine enforces them."""


def limits(info: Mapping[str, Any]) -> frozenset[str]:
    """Return the properties that this engine ignores; an absent field means that they are enforced."""
    return frozenset(name for field, names in _HELD_BY.items() if info.get(field) is False for name in names)
