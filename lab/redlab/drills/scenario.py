"""The scenarios of the pattern High Availability: what breaks, who must act, when it is healed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from redlab.errors import RedlabError


class Target(Enum):
    """Which node a fault hits; it is found when the load is running."""

    SERVING_GATEWAY = "the gateway that serves the users of the load"
    ACTIVE_DPS = "the data processing server that has the services"
    VIRTUAL_IP_HOLDER = "the load balancer that holds the virtual IPs"
    DATABASE = "the database server"


@dataclass(frozen=True)
class Scenario:
    """One drill.

    ``fault``: crash (SIGKILL), hang (paused) or switchover (planned; nothing breaks). ``heal_after_seconds``: the
    fault ends then, by restart, since nothing else can recover from it; None: after the services have recovered
    without the node. ``operator_delay_seconds``: an operator reassigns the services so long after the fault.
    ``second_fault_seconds``: the server that takes over dies too, and comes back after so long.
    """

    name: str
    summary: str
    target: Target
    fault: str
    automatic_failover: bool = False
    heal_after_seconds: float | None = None
    operator_delay_seconds: float | None = None
    second_fault_seconds: float | None = None
    needs: tuple[tuple[str, int], ...] = ()


_TWO_GATEWAYS = (("gateway", 2),)
_TWO_DPS = (("dataProcessingServer", 2),)

SCENARIOS = (
    Scenario(
        "gateway-crash",
        "A gateway is killed; the load balancer sends its clients to another.",
        Target.SERVING_GATEWAY,
        "crash",
        needs=_TWO_GATEWAYS,
    ),
    Scenario(
        "gateway-hang",
        "A gateway stops answering but its connections stay open.",
        Target.SERVING_GATEWAY,
        "hang",
        needs=_TWO_GATEWAYS,
    ),
    Scenario(
        "dps-crash",
        "The active DPS is killed; the High Availability Controller moves the services.",
        Target.ACTIVE_DPS,
        "crash",
        automatic_failover=True,
        needs=_TWO_DPS,
    ),
    Scenario(
        "dps-hang",
        "The active DPS stops in the middle of its work and comes back as if nothing had happened.",
        Target.ACTIVE_DPS,
        "hang",
        automatic_failover=True,
        needs=_TWO_DPS,
    ),
    Scenario(
        "dps-crash-manual",
        "The active DPS is killed; automatic failover is off, and an operator reassigns the services.",
        Target.ACTIVE_DPS,
        "crash",
        operator_delay_seconds=3,
        needs=_TWO_DPS,
    ),
    Scenario(
        "load-balancer-crash",
        "The load balancer that holds the virtual IPs is killed; the other one takes them.",
        Target.VIRTUAL_IP_HOLDER,
        "crash",
        needs=(("loadBalancer", 2),),
    ),
    Scenario(
        "database-crash",
        "The database server is killed and restarted; it recovers by itself, nothing is lost.",
        Target.DATABASE,
        "crash",
        heal_after_seconds=2,
    ),
    Scenario(
        "dps-switchover",
        "Planned: the services are moved to the other DPS, as for maintenance.",
        Target.ACTIVE_DPS,
        "switchover",
        needs=_TWO_DPS,
    ),
    Scenario(
        "dps-crash-under-failover",
        "The active DPS is killed, and the one that takes over dies too, then comes back.",
        Target.ACTIVE_DPS,
        "crash",
        automatic_failover=True,
        second_fault_seconds=2,
        needs=_TWO_DPS,
    ),
)


def find(name: str) -> Scenario:
    """Return a scenario by its name. Raises RedlabError that lists the names there are."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    raise RedlabError(f"no scenario {name!r}; there are: {', '.join(s.name for s in SCENARIOS)}")
