"""Redundancy topologies as Pulumi components.

The names below are loaded when they are first used, so that what is pure here (`redundancy.loading`,
`redundancy.rules`, …) costs no import of Pulumi.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from redundancy.traits import PatternName

if TYPE_CHECKING:
    from redundancy.patterns.arguments import (
        BusinessContinuityArgs,
        DisasterRecoveryArgs,
        DistributedHighAvailabilityArgs,
        HighAvailabilityArgs,
    )
    from redundancy.patterns.business_continuity import BusinessContinuity
    from redundancy.patterns.disaster_recovery import DisasterRecovery
    from redundancy.patterns.distributed_high_availability import DistributedHighAvailability
    from redundancy.patterns.high_availability import HighAvailability

__all__ = [
    "BusinessContinuity",
    "BusinessContinuityArgs",
    "DisasterRecovery",
    "DisasterRecoveryArgs",
    "DistributedHighAvailability",
    "DistributedHighAvailabilityArgs",
    "HighAvailability",
    "HighAvailabilityArgs",
]

_HOMES = {
    name: home
    for pattern in PatternName
    for name, home in (
        (str(pattern), f"redundancy.patterns.{pattern.name.lower()}"),
        (f"{pattern}Args", "redundancy.patterns.arguments"),
    )
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
