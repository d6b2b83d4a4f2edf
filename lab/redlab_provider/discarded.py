"""Limits that an engine is asked for and then ignores, since it has no controller to hold a container to them. Pure.

Such an engine answers with a warning when the container is made, and reads back 0, or -1 for swap: seen on engine
28.5.2 over a cgroup v2 without controllers. Rootless engines without delegated controllers do it too, and cgroup v1
without swap accounting for swap (moby, `verifyPlatformContainerResources`). Compared with what the program wants, that
would be a change at every refresh, for ever, and no update could bring it about.
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
"""Properties by the field of the engine's SystemInfo that says whether it holds containers to them."""


def limits(info: Mapping[str, Any]) -> frozenset[str]:
    """Return the properties that this engine ignores; a field that it does not have says nothing."""
    return frozenset(name for field, names in _HELD_BY.items() if info.get(field) is False for name in names)
