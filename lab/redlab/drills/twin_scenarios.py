"""The scenarios of twin instances (Business Continuity). Pure."""

from __future__ import annotations

from functools import partial

from redlab.drills import targets
from redlab.drills.scenario import Scenario
from redlab.predict import derivations, fault_kinds
from redundancy.traits import patterns

# Each instance recovers by itself, as a highly available one does.
_scenario = partial(Scenario, automatic_failover=True, patterns=patterns("active_active"))

TWIN_SCENARIOS = (
    _scenario(
        "site-loss-automatic",
        "Every node of the site that serves the users is killed; the wide-area load balancer leads them to the other.",
        targets.ACTIVE_SITE,
        fault_kinds.CRASH,
        bound=derivations.users_moved_automatic,
        moves_users=True,
        automatic_site=True,
        lasts_seconds=6,
    ),
    _scenario(
        "site-loss-manual",
        "The same with an operator: one change at the wide-area load balancer.",
        targets.ACTIVE_SITE,
        fault_kinds.CRASH,
        bound=derivations.users_moved,
        moves_users=True,
        operator_delay_seconds=0,
        procedure=True,
    ),
    _scenario(
        "wan-cut",
        "The link between the instances is cut: both go on alone, then reconcile.",
        targets.SITE_LINK,
        fault_kinds.CUT,
        bound=derivations.tolerated,
        lasts_seconds=8,
    ),
    _scenario(
        "wan-cut-one-way",
        "One instance cannot tell the other anything, though it is told everything; then they reconcile.",
        targets.OUTWARD_LINK,
        fault_kinds.CUT,
        bound=derivations.tolerated,
        lasts_seconds=8,
    ),
    _scenario(
        "event-storm",
        "Thousands of events reach both instances in bursts.",
        targets.EVENTS,
        fault_kinds.STORM,
        bound=derivations.tolerated,
        storm_events=3000,
    ),
    _scenario(
        "owner-crash-before-forward",
        "An instance dies with events that it owns and could not forward, as the link had been cut.",
        targets.EVENT_OWNER,
        fault_kinds.CRASH,
        other_owns=True,
        bound=derivations.tolerated,
        stalled_seconds=2,
        lasts_seconds=8,
    ),
    _scenario(
        "owner-crash-after-forward",
        "An instance dies with events that it owns and has forwarded: the other one acts upon them.",
        targets.EVENT_OWNER,
        fault_kinds.CRASH,
        other_owns=True,
        bound=derivations.tolerated,
        desk_hangs_seconds=1,
        lasts_seconds=8,
    ),
    _scenario(
        "service-manager-loss",
        "Service Manager is killed and comes back: every event gets its one incident in the end.",
        targets.SERVICE_MANAGER,
        fault_kinds.CRASH,
        bound=derivations.tolerated,
        lasts_seconds=8,
    ),
    _scenario(
        "ucmdb-loss",
        "The UCMDB is killed and comes back: both instances go on, and what was discovered meanwhile reaches all.",
        targets.UCMDB,
        fault_kinds.CRASH,
        discovers=True,
        bound=derivations.tolerated,
        lasts_seconds=8,
    ),
    _scenario(
        "wide-area-lb-switchover",
        "Planned: the wide-area load balancer sends the users to the other site; those logged in are disconnected.",
        targets.CLIENTS,
        fault_kinds.SWITCHOVER,
        bound=derivations.tolerated,
        moves_users=True,
        procedure=True,
    ),
    _scenario(
        "wide-area-lb-crash",
        "The wide-area load balancer is killed and comes back: users and incidents wait, and none is lost or doubled.",
        targets.WIDE_AREA_LOAD_BALANCER,
        fault_kinds.CRASH,
        bound=derivations.users_cut_off,
        heal_after_seconds=2,
    ),
    _scenario(
        "local-lb-crash",
        "The load balancer of the site that serves the users is killed; the wide-area one leads them to the other.",
        targets.LOCAL_LOAD_BALANCER,
        fault_kinds.CRASH,
        bound=derivations.users_moved_automatic,
        moves_users=True,
        automatic_site=True,
        lasts_seconds=6,
    ),
    _scenario(
        "power-cut",
        "The power fails everywhere: every node is killed at once, all start again in random order, nothing is lost.",
        targets.EVERY_NODE,
        fault_kinds.CRASH,
        nothing_takes_over=True,
        bound=derivations.power_lost,
        heal_after_seconds=2,
    ),
    _scenario(
        "upgrade",
        "Planned: new images for gateways and DPS, instance by instance, the users at the other one meanwhile.",
        targets.IMAGES,
        fault_kinds.UPGRADE,
        moves_users=True,
        bound=derivations.tolerated,
    ),
    _scenario(
        "upgrade-broken",
        "The new image of the gateways never gets healthy: it is noticed before anybody is moved, and reverted.",
        targets.IMAGES,
        fault_kinds.BROKEN_UPGRADE,
        bound=derivations.tolerated,
    ),
    _scenario(
        "drift-blocks-failover",
        "The instances' configurations differ: a failover is refused until they are made alike.",
        targets.CONFIGURATION,
        fault_kinds.DRIFT,
        bound=derivations.tolerated,
        moves_users=True,
        procedure=True,
    ),
)
