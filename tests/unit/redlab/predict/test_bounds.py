"""Every bound of every scenario, worked out by hand once: in a table, and in a drill."""

from __future__ import annotations

import pytest

from redlab.drills.assembly import predicted
from redlab.drills.load_settings import LoadSettings
from redlab.drills.matrix import runnable
from redlab.drills.scenarios import of_pattern
from tests.support.drills.mechanisms import STACKS
from tests.support.unit.inventories import inventory_of

# What the stacks say (stacks/*.yaml, or the default of a timer), in seconds.
LEASE, RENEWAL, CHECK = 1.5, 0.4, 0.25
ADVERTISEMENT = 0.2
# What the stand-ins fix, and what the load's clients wait.
STANDBY_LOOKS, GATEWAY_LOOKS, CHECK_TIMEOUT, TRACK = 0.2, 0.2, 0.25, 1.0
GIVES_UP, GIVES_UP_CONNECTING, NEXT_OPERATION = 2.0, 0.3, 1 / 25
# What is allowed for what has no timer.
TRANSACTION, CALL, RELEASE, CYCLE, ARP = 1.0, 1.0, 0.3, 1.0, 0.2
NODE, EVERY_NODE, DATABASE, HEAL = 5.0, 15.0, 10.0, 1.0
PROOF, FENCING, ELECTION, PROMOTION, REROUTED, COMMAND, HANDOVER = 2.0, 2.0, 3.0, 5.0, 1.0, 4.0, 8.0

BAD_CHECKS = GOOD_CHECKS = 2 * (CHECK + CHECK_TIMEOUT)
TAKEOVER = STANDBY_LOOKS + TRANSACTION
RECONNECTED = GIVES_UP + LEASE + TAKEOVER
ADDRESSES = 4 * ADVERTISEMENT + ARP
# The database cluster of two sites: its lease, then how often another member looks, then that call's time-out.
KEY = 20.0 + 1.0 + 3.0
# The global load balancer's checks of a site: three, half a second apart; of twins two, a quarter apart.
SITE_CHECKS, TWIN_CHECKS = 3 * (0.5 + CHECK_TIMEOUT), 2 * (0.25 + CHECK_TIMEOUT)
CLIENTS_LED = PROOF + REROUTED
SERVICES_GIVEN = CALL + GIVES_UP + RELEASE + TAKEOVER
INSTANCE_MOVED = PROOF + PROMOTION + GIVES_UP + GOOD_CHECKS + SERVICES_GIVEN + SITE_CHECKS + REROUTED
PRIMARY_FENCED = FENCING + ELECTION + PROMOTION + RECONNECTED
# A power cut lasts two seconds.
POWER = 2 + HEAL + EVERY_NODE + ADDRESSES + GOOD_CHECKS

TOLERATED = (0.0, 0.0)
ONE_INSTANCE = {
    "gateway-crash gateway-hang": (BAD_CHECKS, 0.0),
    "dps-crash dps-hang": (0.0, LEASE + TAKEOVER),
    # The operator takes three seconds.
    "dps-crash-manual": (0.0, 3 + CALL + RELEASE + TAKEOVER),
    "dps-switchover": (0.0, CALL + RENEWAL + RELEASE + TAKEOVER),
    # The second fault lasts two seconds.
    "dps-crash-under-failover": (0.0, LEASE + TAKEOVER + 2 + NODE + LEASE + TAKEOVER),
    "upgrade-broken": TOLERATED,
}
PRODUCTION_MOVED, PRODUCTION_LOST = INSTANCE_MOVED + HANDOVER, INSTANCE_MOVED + FENCING
TWO_INSTANCES = {
    "production-loss production-isolation replication-stall database-volume-loss-manual": (
        PRODUCTION_LOST,
        PRODUCTION_LOST,
    ),
    "failover-interrupted": (PRODUCTION_LOST + 6 * COMMAND, PRODUCTION_LOST + 6 * COMMAND),
    "switchover failback upgrade": (PRODUCTION_MOVED, PRODUCTION_MOVED),
    "wan-cut test-failover": TOLERATED,
    "power-cut": (POWER + SITE_CHECKS, POWER + SITE_CHECKS + DATABASE + RECONNECTED),
}
VIRTUAL_IPS = TRACK + ADDRESSES + GIVES_UP_CONNECTING
AWAY = {
    "ha": {
        **ONE_INSTANCE,
        "load-balancer-crash": (VIRTUAL_IPS, VIRTUAL_IPS),
        # The fault lasts two seconds.
        "database-crash": (0.0, 2 + DATABASE + RECONNECTED),
        "database-certificate-expiry": (0.0, 2 + DATABASE + RECONNECTED),
        "upgrade": (0.0, CALL + RENEWAL + RELEASE + TAKEOVER),
        "power-cut": (POWER, POWER + DATABASE + RECONNECTED),
    },
    "distributed-ha": {
        **ONE_INSTANCE,
        "site-loss-manual": (CLIENTS_LED, CLIENTS_LED + ELECTION + FENCING + PROMOTION + SERVICES_GIVEN),
        "site-loss-automatic": (SITE_CHECKS, PRIMARY_FENCED + SITE_CHECKS),
        "site-isolation": (CLIENTS_LED, CLIENTS_LED + KEY + PROMOTION + SERVICES_GIVEN),
        "site-failback": (0.0, CLIENTS_LED + HANDOVER + SERVICES_GIVEN),
        "wan-cut-one-way database-standby-hang": (0.0, KEY + RECONNECTED),
        "database-primary-crash database-primary-hang": (0.0, KEY + PROMOTION + RECONNECTED),
        "database-primary-crash-fenced witness-then-primary-loss database-volume-loss": (0.0, PRIMARY_FENCED),
        # The primary's call to the store ends after three seconds.
        "witness-loss": (0.0, ELECTION + 3 + PROMOTION + RECONNECTED),
        "wan-degraded glb-switchover": TOLERATED,
        "upgrade": (0.0, CALL + RENEWAL + RELEASE + TAKEOVER),
        "power-cut": (POWER + SITE_CHECKS, POWER + SITE_CHECKS + DATABASE + ELECTION + KEY + PROMOTION + RECONNECTED),
    },
    "dr": {**ONE_INSTANCE, **TWO_INSTANCES},
    # Its instances have one data processing server each.
    "dr-ucmdb": {
        **{names: away for names, away in ONE_INSTANCE.items() if not names.startswith("dps-")},
        **TWO_INSTANCES,
        "ucmdb-loss": TOLERATED,
    },
    "business-continuity": {
        "site-loss-automatic local-lb-crash": (0.0, TWIN_CHECKS),
        "site-loss-manual": (0.0, PROOF + REROUTED),
        # The fault lasts two seconds.
        "wide-area-lb-crash": (0.0, 2 + HEAL + NODE),
        "wan-cut wan-cut-one-way event-storm owner-crash-before-forward owner-crash-after-forward": TOLERATED,
        "service-manager-loss ucmdb-loss wide-area-lb-switchover": TOLERATED,
        "upgrade upgrade-broken drift-blocks-failover": TOLERATED,
        "power-cut": (POWER + TWIN_CHECKS, POWER + TWIN_CHECKS + DATABASE + RECONNECTED),
    },
}
"""How long collection is away at most, and how long the services are, by topology and scenarios."""
MOVES_USERS = {"site-loss-automatic", "site-loss-manual", "local-lb-crash"} | {
    "wide-area-lb-switchover",  # each by what it is for
    "drift-blocks-failover",  # in the end it is carried out
    "upgrade",  # instance by instance, so everybody is moved
}


@pytest.mark.parametrize("stack", STACKS)
def test_every_bound_is_that_worked_out_by_hand(stack: str) -> None:
    inventory = inventory_of(stack)
    expected = {}
    for names, (collection, services) in AWAY[stack].items():
        user = services + GATEWAY_LOOKS if services else collection
        each = (collection, user, max(collection, services) + CYCLE)
        for name in names.split():
            expected[name] = pytest.approx([seconds + NEXT_OPERATION + GIVES_UP for seconds in each])
    found = {
        one.name: [each.seconds for each in predicted(inventory, one, LoadSettings()).derivations]
        for one in runnable(inventory)
    }
    assert found == expected


def test_after_these_no_user_is_at_the_site_where_he_was() -> None:
    assert {one.name for one in of_pattern("BusinessContinuity") if one.moves_users} == MOVES_USERS
