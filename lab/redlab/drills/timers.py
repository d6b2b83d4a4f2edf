"""The timers that a drill's prediction is derived from: the topology's own, and those fixed in the stand-ins. Pure."""

from __future__ import annotations

from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.model.inventory import Inventory
from redlab.predict.timers import Timers
from redundancy.roles import Role

# Fixed in the stand-ins (docs/contract/ and lab/images): how often they look.
STANDBY_POLL_SECONDS = 0.2
GATEWAY_POLL_SECONDS = 0.2
CHECK_TIMEOUT_SECONDS = 0.25
TRACK_INTERVAL_SECONDS = 1.0


def timers_of(inventory: Inventory, scenario: Scenario, load: LoadSettings) -> Timers:
    """Return the timers that bound the recovery of a scenario in a lab."""
    timers = inventory.timers
    return Timers(
        lease_seconds=timers.lease_seconds,
        renew_seconds=timers.renew_seconds,
        standby_poll_seconds=STANDBY_POLL_SECONDS,
        service_start_seconds=timers.service_start_seconds,
        gateway_poll_seconds=GATEWAY_POLL_SECONDS,
        check_interval_seconds=timers.check_interval_seconds,
        check_timeout_seconds=CHECK_TIMEOUT_SECONDS,
        check_fall=timers.check_fall,
        vrrp_advert_seconds=timers.vrrp_advert_seconds,
        track_interval_seconds=TRACK_INTERVAL_SECONDS,
        client_timeout_seconds=load.timeout_seconds,
        connect_timeout_seconds=load.connect_timeout_seconds,
        load_interval_seconds=1 / min(load.events_per_second, load.users_per_second),
        load_balancers=len(inventory.of_role(Role.LOAD_BALANCER)),
        operator_delay_seconds=scenario.waits_seconds,
        database_lease_seconds=timers.database_lease_seconds,
        database_loop_wait_seconds=timers.database_loop_wait_seconds,
        database_retry_timeout_seconds=timers.database_retry_timeout_seconds,
        site_check_interval_seconds=timers.site_check_interval_seconds,
        site_check_fall=timers.site_check_fall,
        fault_seconds=scenario.heal_after_seconds or scenario.second_fault_seconds or scenario.lasts_seconds,
    )
