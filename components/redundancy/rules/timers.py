"""Timers that must fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.building import HEALTH_TIMEOUT_SECONDS, HEALTH_WAIT_SECONDS
from redundancy.rules.problem import Problem
from redundancy.topology import Site, Topology


def renewal_fits_lease(topology: Topology) -> Iterator[Problem]:
    """A lease must survive two missed renewals, or a short stall of a healthy DPS looks like its death."""
    controller = topology.controller
    if controller.renew_seconds > controller.lease_seconds / 3:
        yield Problem(
            "highAvailabilityController.renewSeconds",
            f"{controller.renew_seconds:g}",
            f"at most {controller.lease_seconds / 3:g} (a third of leaseSeconds)",
            "two renewals may be missed before the lease ends; else a short stall looks like a dead DPS",
        )


def equal_timers(topology: Topology) -> Iterator[Problem]:
    """Both sites of one instance have the same timers: each takes the other's place, and predictions need one."""
    if not topology.traits.spans_sites:
        return
    first, *others = topology.sites
    expected = _timers(first)
    for site in others:
        for key, value in _timers(site).items():
            if value != expected[key]:
                yield Problem(
                    f"sites.{site.name}.{key}",
                    f"{value:g}, but {first.name} has {expected[key]:g}",
                    "the same in both sites",
                    "each site takes the place of the other (best practices: comparable pools), and what a drill may "
                    "take is predicted from one value",
                )


def _timers(site: Site) -> dict[str, float]:
    balancers = site.load_balancers
    return {
        "dataProcessingServers.serviceStartSeconds": site.data_processing_servers.service_start_seconds,
        "loadBalancers.checkIntervalSeconds": balancers.check_interval_seconds,
        "loadBalancers.checkFall": balancers.check_fall,
        "loadBalancers.vrrpAdvertSeconds": balancers.vrrp_advert_seconds,
    }


def patroni_timers(topology: Topology) -> Iterator[Problem]:
    """Patroni's own condition (its documentation, Dynamic Configuration Settings)."""
    timers = topology.database_cluster
    least_seconds = timers.loop_wait_seconds + 2 * timers.retry_timeout_seconds
    if least_seconds > timers.lease_seconds:
        yield Problem(
            "databaseCluster.leaseSeconds",
            str(timers.lease_seconds),
            f"at least {least_seconds} (loopWaitSeconds + 2 × retryTimeoutSeconds)",
            "with less a primary that only has to try twice would lose its lease",
        )


def check_fits_wait(topology: Topology) -> Iterator[Problem]:
    """A node that is not ready at its first check, one interval after its start, has a second one while `up` waits."""
    interval = topology.health_check_interval_seconds
    longest_seconds = (HEALTH_WAIT_SECONDS - HEALTH_TIMEOUT_SECONDS) // 2
    if interval > longest_seconds:
        yield Problem(
            "healthCheckIntervalSeconds",
            str(interval),
            f"at most {longest_seconds}",
            f"a node that is not ready at its first check must have a second one within the {HEALTH_WAIT_SECONDS} s "
            "that `pulumi up` waits for it",
        )
