"""The scenarios: what breaks, in which patterns, who must act, when it is healed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from redlab.errors import RedlabError


class Target(Enum):
    """Which node a fault hits; it is found when the load is running."""

    SERVING_GATEWAY = "the gateway that serves the users of the load"
    ACTIVE_DPS = "the data processing server that has the services"
    VIRTUAL_IP_HOLDER = "the load balancer that holds the virtual IPs"
    DATABASE = "the database server"
    DATABASE_PRIMARY = "the primary of the database cluster"
    DATABASE_STANDBY = "the standby that every commit waits for"
    WITNESS = "the witness"
    ACTIVE_SITE = "the site that serves the clients: every node of it"
    ACTIVE_SITE_LINKS = "both links of the site that serves the clients"
    OUTWARD_LINK = "the way from the site that serves the clients to the other one"
    CLIENTS = "the clients, by way of the global load balancer"
    SITE_LINK = "the link between the two sites"
    UCMDB = "the UCMDB that the instances integrate with"
    EVENT_OWNER = "the data processing servers of the site that users are not in, whose instance owns the events"
    SERVICE_MANAGER = "Service Manager"
    LOCAL_LOAD_BALANCER = "the load balancer of the site that serves the users"
    EVENTS = "the events of both instances"
    CONFIGURATION = "the configuration of the other instance"
    STANDBY_COPY = "a throw-away copy of the instance that stands by"


@dataclass(frozen=True)
class Scenario:
    """One drill.

    ``fault``: crash (SIGKILL), hang (paused), cut or degrade (a link), switchover (planned; nothing breaks), storm,
    drift (nothing breaks either),
    test-failover (planned, and of a copy alone).
    ``heal_after_seconds``: the
    fault ends then, by restart, since nothing else can recover from it; None: after the services have recovered
    without the node. ``operator_delay_seconds``: an operator reassigns the services so long after the fault.
    ``second_fault_seconds``: the server that takes over dies too, and comes back after so long.
    ``automatic_site``: the global load balancer chooses another site by itself while the active one is down.
    ``procedure``: what the operator does is the site failover procedure. ``fencing``: the controller fences a database
    primary that it can prove dead. ``without_witness``: the witness was lost before. ``from_other_site``: everything
    was moved to the other site before. ``tolerated``: nothing is expected to fail. ``lasts_seconds``: the fault lasts
    at least so long, also when everything has recovered without the node. ``stalled_seconds``: the link between the
    instances was cut so long before. ``interrupted``: the procedure is killed before each of its steps in turn.
    ``storm_events``: so many are handed to each twin in bursts.   ``desk_hangs_seconds``: Service Manager and
    Operations Orchestration hung so long before.
    ``time_scale``: so many seconds of the operator's delay pass in one of the drill.
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
    patterns: tuple[str, ...] = ("HighAvailability", "DistributedHighAvailability", "DisasterRecovery")
    automatic_site: bool = False
    procedure: bool = False
    fencing: bool = False
    without_witness: bool = False
    from_other_site: bool = False
    tolerated: bool = False
    lasts_seconds: float = 0.0
    stalled_seconds: float = 0.0
    interrupted: bool = False
    storm_events: int = 0
    desk_hangs_seconds: float = 0.0
    time_scale: float = 1.0

    @property
    def waits_seconds(self) -> float:
        """How long a drill waits for its operator: the model's delay, shortened by the time scale."""
        return (self.operator_delay_seconds or 0.0) / self.time_scale

    @property
    def practises_failover(self) -> bool:
        """Whether passing it shows that the recovery procedure works."""
        return self.procedure or self.target is Target.STANDBY_COPY

    def with_operator(self, delay_seconds: float, time_scale: float) -> Scenario:
        """Return the same with an operator who takes so long. Raises RedlabError when nobody acts in it."""
        if self.operator_delay_seconds is None:
            raise RedlabError(f"nobody acts in {self.name}: it recovers by itself, or is planned")
        return replace(self, operator_delay_seconds=delay_seconds, time_scale=time_scale)


_TWO_GATEWAYS = (("gateway", 2),)
_TWO_DPS = (("dataProcessingServer", 2),)
_ONE_SITE = ("HighAvailability",)
_TWO_SITES = ("DistributedHighAvailability",)
_TWO_INSTANCES = ("DisasterRecovery",)
_TWINS = ("BusinessContinuity",)

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
        patterns=_ONE_SITE,
    ),
    Scenario(
        "database-crash",
        "The database server is killed and restarted; it recovers by itself, nothing is lost.",
        Target.DATABASE,
        "crash",
        heal_after_seconds=2,
        patterns=_ONE_SITE,
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
    Scenario(
        "site-loss",
        "Every node of the active site is killed at once; an operator fails over to the other one.",
        Target.ACTIVE_SITE,
        "crash",
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "site-loss-automatic",
        "Every node of the active site is killed at once; clients, database and services fail over by themselves.",
        Target.ACTIVE_SITE,
        "crash",
        automatic_failover=True,
        automatic_site=True,
        fencing=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "site-isolation",
        "The active site is cut off but goes on running: it must fence itself; an operator fails over.",
        Target.ACTIVE_SITE_LINKS,
        "cut",
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "wan-cut-one-way",
        "Packets from the active site to the other one are lost, those the other way are not.",
        Target.OUTWARD_LINK,
        "cut",
        patterns=_TWO_SITES,
    ),
    Scenario(
        "wan-degraded",
        "The link between the sites is far slower than the pattern allows; nothing may fail.",
        Target.SITE_LINK,
        "degrade",
        tolerated=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-primary-crash",
        "The primary database is killed; the standby is promoted when its lease has run out.",
        Target.DATABASE_PRIMARY,
        "crash",
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-primary-crash-fenced",
        "The primary database is killed; the controller proves it dead and releases its lock at once.",
        Target.DATABASE_PRIMARY,
        "crash",
        fencing=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-primary-hang",
        "The primary database stops, is replaced, and comes back as if nothing had happened.",
        Target.DATABASE_PRIMARY,
        "hang",
        # Long enough for the new primary to have much that a returning one could destroy.
        lasts_seconds=60,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-standby-hang",
        "The standby that every commit waits for stops; commits go on without it when its lease has run out.",
        Target.DATABASE_STANDBY,
        "hang",
        patterns=_TWO_SITES,
    ),
    Scenario(
        "witness-loss",
        "The witness is killed; both sites go on, with a majority of two.",
        Target.WITNESS,
        "crash",
        tolerated=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "witness-then-primary-loss",
        "The witness is lost already when the primary database is killed.",
        Target.DATABASE_PRIMARY,
        "crash",
        fencing=True,
        without_witness=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "glb-switchover",
        "Planned: the global load balancer sends the clients to the other site.",
        Target.CLIENTS,
        "switchover",
        tolerated=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "site-failback",
        "Planned: everything comes back to the site it was moved away from.",
        Target.ACTIVE_SITE,
        "switchover",
        procedure=True,
        from_other_site=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "production-loss",
        "Every node of production is killed at once; an operator fences it and fails over to the other instance.",
        Target.ACTIVE_SITE,
        "crash",
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "production-isolation",
        "Production is cut off but goes on running: it is fenced, and must not be served when it comes back.",
        Target.ACTIVE_SITE_LINKS,
        "cut",
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "replication-stall",
        "The link between the instances has been cut for a while when production is lost, with what it took in since.",
        Target.ACTIVE_SITE,
        "crash",
        operator_delay_seconds=0,
        procedure=True,
        stalled_seconds=3,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "wan-cut",
        "The link between the instances is cut and comes back: production goes on, its standby catches up.",
        Target.SITE_LINK,
        "cut",
        tolerated=True,
        lasts_seconds=10,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "failover-interrupted",
        "Production is lost, and the procedure is killed before each of its steps in turn, and resumed.",
        Target.ACTIVE_SITE,
        "crash",
        operator_delay_seconds=0,
        procedure=True,
        interrupted=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "switchover",
        "Planned: everything moves to the failover instance, as for maintenance; nothing may be lost.",
        Target.ACTIVE_SITE,
        "switchover",
        procedure=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "failback",
        "Planned: everything comes back to the instance it was moved away from; nothing may be lost.",
        Target.ACTIVE_SITE,
        "switchover",
        procedure=True,
        from_other_site=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "ucmdb-loss",
        "The UCMDB is killed and comes back: both instances go on, and what was discovered meanwhile reaches all.",
        Target.UCMDB,
        "crash",
        tolerated=True,
        lasts_seconds=10,
        needs=(("ucmdb", 1),),
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "site-loss",
        "Every node of the site that serves the users is killed; the wide-area load balancer leads them to the other.",
        Target.ACTIVE_SITE,
        "crash",
        automatic_failover=True,
        automatic_site=True,
        lasts_seconds=6,
        patterns=_TWINS,
    ),
    Scenario(
        "site-loss-manual",
        "The same with an operator: one change at the wide-area load balancer.",
        Target.ACTIVE_SITE,
        "crash",
        automatic_failover=True,
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWINS,
    ),
    Scenario(
        "wan-cut",
        "The link between the instances is cut: both go on alone, then reconcile.",
        Target.SITE_LINK,
        "cut",
        automatic_failover=True,
        tolerated=True,
        lasts_seconds=8,
        patterns=_TWINS,
    ),
    Scenario(
        "wan-cut-one-way",
        "One instance cannot tell the other anything, though it is told everything; then they reconcile.",
        Target.OUTWARD_LINK,
        "cut",
        automatic_failover=True,
        tolerated=True,
        lasts_seconds=8,
        patterns=_TWINS,
    ),
    Scenario(
        "event-storm",
        "Thousands of events reach both instances in bursts.",
        Target.EVENTS,
        "storm",
        automatic_failover=True,
        tolerated=True,
        storm_events=3000,
        patterns=_TWINS,
    ),
    Scenario(
        "owner-crash-before-forward",
        "An instance dies with events that it owns and could not forward, as the link had been cut.",
        Target.EVENT_OWNER,
        "crash",
        automatic_failover=True,
        tolerated=True,
        stalled_seconds=2,
        lasts_seconds=8,
        patterns=_TWINS,
    ),
    Scenario(
        "owner-crash-after-forward",
        "An instance dies with events that it owns and has forwarded: the other one acts upon them.",
        Target.EVENT_OWNER,
        "crash",
        automatic_failover=True,
        tolerated=True,
        desk_hangs_seconds=1,
        lasts_seconds=8,
        patterns=_TWINS,
    ),
    Scenario(
        "service-manager-loss",
        "Service Manager is killed and comes back: every event gets its one incident in the end.",
        Target.SERVICE_MANAGER,
        "crash",
        automatic_failover=True,
        tolerated=True,
        lasts_seconds=8,
        patterns=_TWINS,
    ),
    Scenario(
        "ucmdb-loss",
        "The UCMDB is killed and comes back: both instances go on, and what was discovered meanwhile reaches all.",
        Target.UCMDB,
        "crash",
        automatic_failover=True,
        tolerated=True,
        lasts_seconds=8,
        patterns=_TWINS,
    ),
    Scenario(
        "wide-area-lb-switchover",
        "Planned: the wide-area load balancer sends the users to the other site; those logged in are disconnected.",
        Target.CLIENTS,
        "switchover",
        automatic_failover=True,
        procedure=True,
        patterns=_TWINS,
    ),
    Scenario(
        "local-lb-crash",
        "The load balancer of the site that serves the users is killed; the wide-area one leads them to the other.",
        Target.LOCAL_LOAD_BALANCER,
        "crash",
        automatic_failover=True,
        automatic_site=True,
        lasts_seconds=6,
        patterns=_TWINS,
    ),
    Scenario(
        "drift-blocks-failover",
        "The instances' configurations differ: a failover is refused until they are made alike.",
        Target.CONFIGURATION,
        "drift",
        automatic_failover=True,
        procedure=True,
        patterns=_TWINS,
    ),
    Scenario(
        "test-failover",
        "A copy of the failover instance is promoted, cut off from everything, and checked; production goes on.",
        Target.STANDBY_COPY,
        "test-failover",
        tolerated=True,
        patterns=_TWO_INSTANCES,
    ),
)


def of_pattern(pattern: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a pattern."""
    return tuple(scenario for scenario in SCENARIOS if pattern in scenario.patterns)


def known(name: str) -> None:
    """Raise RedlabError that lists all scenarios unless there is one of this name, in whatever pattern."""
    if name not in {scenario.name for scenario in SCENARIOS}:
        raise RedlabError(f"no scenario {name!r}; there are: {', '.join(s.name for s in SCENARIOS)}")


def find(name: str, pattern: str) -> Scenario:
    """Return a scenario of a pattern by its name. Raises RedlabError that lists the names there are."""
    scenarios = of_pattern(pattern)
    for scenario in scenarios:
        if scenario.name == name:
            return scenario
    raise RedlabError(f"no scenario {name!r} for {pattern}; there are: {', '.join(s.name for s in scenarios)}")
