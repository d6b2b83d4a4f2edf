"""All scenarios of a name, and those of a pattern. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from redlab.drills import targets
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS
from redlab.drills.scenario import ACTORS, Scenario
from redlab.drills.twin_scenarios import TWIN_SCENARIOS
from redlab.errors import RedlabError
from redlab.predict import derivations, fault_kinds
from redundancy.roles import Role
from redundancy.traits import PatternName, patterns

_TWO_GATEWAYS = ((Role.GATEWAY, 2),)
_TWO_DPS = ((Role.DATA_PROCESSING_SERVER, 2),)
_ONE_SITE = tuple(each for each in PatternName if not each.traits.several_sites)
_TWO_SITES = patterns("spans_sites")
_TWO_INSTANCES = patterns("replicated")

SCENARIOS = (
    Scenario(
        "gateway-crash",
        "A gateway is killed; the load balancer sends its clients to another.",
        targets.SERVING_GATEWAY,
        fault_kinds.CRASH,
        bound=derivations.gateway_lost,
        needs=_TWO_GATEWAYS,
    ),
    Scenario(
        "gateway-hang",
        "A gateway stops answering but its connections stay open.",
        targets.SERVING_GATEWAY,
        fault_kinds.HANG,
        bound=derivations.gateway_lost,
        needs=_TWO_GATEWAYS,
    ),
    Scenario(
        "gateway-certificate-expiry",
        "A gateway's certificate expires: no load balancer goes to it any more, and no DPS takes its events out.",
        targets.SERVING_GATEWAY,
        fault_kinds.CERTIFICATE_EXPIRY,
        bound=derivations.gateway_lost,
        needs=_TWO_GATEWAYS,
        https=True,
    ),
    Scenario(
        "dps-crash",
        "The active DPS is killed; the High Availability Controller moves the services.",
        targets.ACTIVE_DPS,
        fault_kinds.CRASH,
        bound=derivations.dps_lost,
        automatic_failover=True,
        needs=_TWO_DPS,
    ),
    Scenario(
        "dps-hang",
        "The active DPS stops in the middle of its work and comes back as if nothing had happened.",
        targets.ACTIVE_DPS,
        fault_kinds.HANG,
        bound=derivations.dps_lost,
        automatic_failover=True,
        needs=_TWO_DPS,
    ),
    Scenario(
        "dps-crash-manual",
        "The active DPS is killed; automatic failover is off, and an operator reassigns the services.",
        targets.ACTIVE_DPS,
        fault_kinds.CRASH,
        bound=derivations.dps_lost_manual,
        operator_delay_seconds=3,
        needs=_TWO_DPS,
    ),
    Scenario(
        "load-balancer-crash",
        "The load balancer that holds the virtual IPs is killed; the other one takes them.",
        targets.VIRTUAL_IP_HOLDER,
        fault_kinds.CRASH,
        bound=derivations.load_balancer_lost,
        needs=((Role.LOAD_BALANCER, 2),),
        patterns=_ONE_SITE,
    ),
    Scenario(
        "database-crash",
        "The database server is killed and restarted; it recovers by itself, nothing is lost.",
        targets.DATABASE,
        fault_kinds.CRASH,
        bound=derivations.database_lost,
        heal_after_seconds=2,
        patterns=_ONE_SITE,
    ),
    Scenario(
        "database-certificate-expiry",
        "The database server's certificate expires: nobody is let in by it, until an operator puts a valid one there.",
        targets.DATABASE,
        fault_kinds.CERTIFICATE_EXPIRY,
        bound=derivations.database_lost,
        heal_after_seconds=2,
        patterns=_ONE_SITE,
    ),
    Scenario(
        "dps-switchover",
        "Planned: the services are moved to the other DPS, as for maintenance.",
        targets.ACTIVE_DPS,
        fault_kinds.SWITCHOVER,
        bound=derivations.dps_switchover,
        needs=_TWO_DPS,
    ),
    Scenario(
        "dps-crash-under-failover",
        "The active DPS is killed, and the one that takes over dies too, then comes back.",
        targets.ACTIVE_DPS,
        fault_kinds.CRASH,
        bound=derivations.dps_lost_twice,
        automatic_failover=True,
        second_fault_seconds=2,
        needs=_TWO_DPS,
    ),
    Scenario(
        "site-loss-manual",
        "Every node of the active site is killed at once; an operator fails over to the other one.",
        targets.ACTIVE_SITE,
        fault_kinds.CRASH,
        bound=derivations.site_lost,
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "site-loss-automatic",
        "Every node of the active site is killed at once; clients, database and services fail over by themselves.",
        targets.ACTIVE_SITE,
        fault_kinds.CRASH,
        bound=derivations.site_lost_automatic,
        automatic_failover=True,
        automatic_site=True,
        fencing=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "site-isolation",
        "The active site is cut off but goes on running: it must fence itself; an operator fails over.",
        targets.ACTIVE_SITE_LINKS,
        fault_kinds.CUT,
        bound=derivations.site_isolated,
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "wan-cut-one-way",
        "Packets from the active site to the other one are lost, those the other way are not.",
        targets.OUTWARD_LINK,
        fault_kinds.CUT,
        bound=derivations.database_standby_lost,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "wan-degraded",
        "The link between the sites is far slower than the pattern allows; nothing may fail.",
        targets.SITE_LINK,
        fault_kinds.DEGRADE,
        bound=derivations.tolerated,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-primary-crash",
        "The primary database is killed; the standby is promoted when its lease has run out.",
        targets.DATABASE_PRIMARY,
        fault_kinds.CRASH,
        bound=derivations.database_primary_lost,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-primary-crash-fenced",
        "The primary database is killed; the controller proves it dead and releases its lock at once.",
        targets.DATABASE_PRIMARY,
        fault_kinds.CRASH,
        bound=derivations.database_primary_fenced,
        fencing=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-primary-hang",
        "The primary database stops, is replaced, and comes back as if nothing had happened.",
        targets.DATABASE_PRIMARY,
        fault_kinds.HANG,
        bound=derivations.database_primary_lost,
        # Long enough for the new primary to have much that a returning one could destroy.
        lasts_seconds=60,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "database-standby-hang",
        "The standby that every commit waits for stops; commits go on without it when its lease has run out.",
        targets.DATABASE_STANDBY,
        fault_kinds.HANG,
        bound=derivations.database_standby_lost,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "witness-loss",
        "The witness is killed; both sites go on, with a majority of two.",
        targets.WITNESS,
        fault_kinds.CRASH,
        # It may be the member of the store that leads.
        bound=derivations.store_leader_lost,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "witness-then-primary-loss",
        "The witness is lost already when the primary database is killed.",
        targets.DATABASE_PRIMARY,
        fault_kinds.CRASH,
        bound=derivations.database_primary_fenced,
        fencing=True,
        without_witness=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "glb-switchover",
        "Planned: the global load balancer sends the clients to the other site.",
        targets.CLIENTS,
        fault_kinds.SWITCHOVER,
        bound=derivations.tolerated,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "site-failback",
        "Planned: everything comes back to the site it was moved away from.",
        targets.ACTIVE_SITE,
        fault_kinds.SWITCHOVER,
        bound=derivations.site_failback,
        procedure=True,
        from_other_site=True,
        patterns=_TWO_SITES,
    ),
    Scenario(
        "production-loss",
        "Every node of production is killed at once; an operator fences it and fails over to the other instance.",
        targets.ACTIVE_SITE,
        fault_kinds.CRASH,
        bound=derivations.production_lost,
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "production-isolation",
        "Production is cut off but goes on running: it is fenced, and must not be served when it comes back.",
        targets.ACTIVE_SITE_LINKS,
        fault_kinds.CUT,
        bound=derivations.production_lost,
        operator_delay_seconds=0,
        procedure=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "replication-stall",
        "The link between the instances has been cut for a while when production is lost, with what it took in since.",
        targets.ACTIVE_SITE,
        fault_kinds.CRASH,
        bound=derivations.production_lost,
        operator_delay_seconds=0,
        procedure=True,
        stalled_seconds=3,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "wan-cut",
        "The link between the instances is cut and comes back: production goes on, its standby catches up.",
        targets.SITE_LINK,
        fault_kinds.CUT,
        bound=derivations.tolerated,
        lasts_seconds=10,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "failover-interrupted",
        "Production is lost, and the procedure is killed before each of its steps in turn, and resumed.",
        targets.ACTIVE_SITE,
        fault_kinds.CRASH,
        bound=derivations.production_lost_interrupted,
        operator_delay_seconds=0,
        procedure=True,
        interrupted=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "switchover",
        "Planned: everything moves to the failover instance, as for maintenance; nothing may be lost.",
        targets.ACTIVE_SITE,
        fault_kinds.SWITCHOVER,
        bound=derivations.production_moved,
        procedure=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "failback",
        "Planned: everything comes back to the instance it was moved away from; nothing may be lost.",
        targets.ACTIVE_SITE,
        fault_kinds.SWITCHOVER,
        bound=derivations.production_moved,
        procedure=True,
        from_other_site=True,
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "ucmdb-loss",
        "The UCMDB is killed and comes back: both instances go on, and what was discovered meanwhile reaches all.",
        targets.UCMDB,
        fault_kinds.CRASH,
        discovers=True,
        bound=derivations.tolerated,
        lasts_seconds=10,
        needs=((Role.UCMDB, 1),),
        patterns=_TWO_INSTANCES,
    ),
    Scenario(
        "test-failover",
        "A copy of the failover instance is promoted, cut off from everything, and checked; production goes on.",
        targets.STANDBY_COPY,
        fault_kinds.TEST_FAILOVER,
        bound=derivations.tolerated,
        patterns=_TWO_INSTANCES,
    ),
    *(
        Scenario(
            "upgrade",
            "Planned: new images for gateways and DPS while everything serves; users notice the switchover alone.",
            targets.IMAGES,
            fault_kinds.UPGRADE,
            needs=needs,
            patterns=patterns,
            bound=bound,
        )
        for patterns, needs, bound in (
            (_ONE_SITE, (*_TWO_GATEWAYS, *_TWO_DPS), derivations.dps_switchover),
            (_TWO_SITES, (), derivations.dps_switchover),
            (_TWO_INSTANCES, (), derivations.production_moved),
        )
    ),
    *(
        Scenario(
            name,
            f"The primary database and its volume are lost; {summary}, and what takes its place, empty, follows.",
            targets.DATABASE_PRIMARY,
            fault_kinds.VOLUME_LOSS,
            fencing=patterns is not _TWO_INSTANCES,
            operator_delay_seconds=0 if patterns is _TWO_INSTANCES else None,
            procedure=patterns is _TWO_INSTANCES,
            needs=((Role.DATABASE, 2),) if patterns is _ONE_SITE else (),
            patterns=patterns,
            bound=bound,
        )
        for patterns, name, summary, bound in (
            (_ONE_SITE, "database-volume-loss", "the standby is promoted", derivations.database_primary_fenced),
            (_TWO_SITES, "database-volume-loss", "the standby is promoted", derivations.database_primary_fenced),
            (_TWO_INSTANCES, "database-volume-loss-manual", "an operator fails over", derivations.production_lost),
        )
    ),
    Scenario(
        "upgrade-broken",
        "The new image of the gateways never gets healthy: it is noticed before anybody is moved, and reverted.",
        targets.IMAGES,
        fault_kinds.BROKEN_UPGRADE,
        bound=derivations.tolerated,
        needs=_TWO_GATEWAYS,
    ),
    Scenario(
        "power-cut",
        "The power fails everywhere: every node is killed at once, all start again in random order, nothing is lost.",
        targets.EVERY_NODE,
        fault_kinds.CRASH,
        nothing_takes_over=True,
        bound=derivations.power_lost,
        heal_after_seconds=2,
    ),
    *TWIN_SCENARIOS,
)


def of_pattern(pattern: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a pattern."""
    return tuple(scenario for scenario in SCENARIOS if pattern in scenario.patterns)


def known(name: str) -> None:
    """Raise RedlabError that lists all scenarios unless there is one of this name, in whatever pattern."""
    _expect(name, [scenario.name for scenario in (*SCENARIOS, *ELEMENT_SCENARIOS)], "")


def find(name: str, pattern: str) -> Scenario:
    """Return a scenario of a pattern by its name. Raises RedlabError that lists the names there are."""
    scenarios = {scenario.name: scenario for scenario in of_pattern(pattern)}
    _expect(name, list(scenarios), f" for {pattern}")
    return scenarios[name]


def _expect(name: str, names: Sequence[str], where: str) -> None:
    if name in names:
        return
    acted = [known for actor in ACTORS if (known := f"{name}-{actor}") in names]
    if acted:
        raise RedlabError(f"no scenario {name!r}{where}: its name says who acts in it: {' or '.join(acted)}")
    raise RedlabError(f"no scenario {name!r}{where}; there are: {', '.join(dict.fromkeys(names))}")
