"""Which properties of a container can be changed in place, and how. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from redlab_provider import schema, traits
from redlab_provider.container_request import mebibytes, restart_policy
from redlab_provider.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIXED: Final = (
    "deviceReadBps",
    "deviceReadIops",
    "deviceWriteBps",
    "deviceWriteIops",
    "healthcheck",
    "init",
    "rm",
    "tmpfs",
)
"""Properties that the official plugin plans to update although Docker cannot change them."""
_LIMITS: Final = {
    "cpuPeriod": "cpu_period",
    "cpuQuota": "cpu_quota",
    "cpuSet": "cpuset_cpus",
    "cpuShares": "cpu_shares",
}
_MEMORY_LIMITS: Final = {"memory": "mem_limit", "memoryReservation": "mem_reservation", "memorySwap": "memswap_limit"}
_UNLIMITED: Final = {
    "cpuPeriod": 100_000,  # microseconds, the kernel's default
    "cpuQuota": -1,
    "cpuShares": 1024,  # the kernel's default weight
    "memory": -1,
    "memoryReservation": -1,
    "memorySwap": -1,
}
"""The values that mean "no limit" in an update; Docker takes 0 for "unchanged"."""


def arguments(actual: Mapping[str, Any], inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the client's `update_container` for the wanted limits and restart policy."""
    changed: dict[str, Any] = {}
    for name, argument in (_LIMITS | _MEMORY_LIMITS).items():
        wanted = inputs.get(name)
        if wanted is None and old_inputs.get(name) and name in _UNLIMITED:
            changed[argument] = _UNLIMITED[name]
        elif wanted is not None and wanted != (actual.get(name) or type(wanted)()):
            changed[argument] = (mebibytes(wanted) if name in _MEMORY_LIMITS else wanted) or _UNLIMITED.get(name)
    memory = changed.get("mem_limit", 0)
    if memory > 0 and "memswap_limit" not in changed and inputs.get("memorySwap") is None:
        # Docker's default for memory plus swap is twice the memory; it refuses a sum below the memory.
        changed["memswap_limit"] = 2 * memory
    elif memory == -1:
        changed["memswap_limit"] = -1
    restart = (inputs.get("restart") or "no", inputs.get("maxRetryCount") or 0)
    if restart != (actual.get("restart") or "no", actual.get("maxRetryCount") or 0):
        changed["restart_policy"] = restart_policy(inputs)
    return changed


def unchangeable(actual: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """Return the wanted properties that differ from the container and take effect only in a new container."""
    properties = schema.resources()[traits.CONTAINER].inputs
    return [
        name
        for name in _FIXED
        if inputs.get(name) is not None and not same(actual.get(name), inputs[name], properties[name])
    ]
