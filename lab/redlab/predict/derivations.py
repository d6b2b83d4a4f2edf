"""Upper bounds of an outage, as sums of named terms from the topology's timers: one function for each kind of loss."""

from __future__ import annotations

from collections.abc import Callable

from redlab.predict.timers import (
    ARP_SECONDS,
    COMMAND_SECONDS,
    DATABASE_SWITCHOVER_SECONDS,
    EVERY_NODE_STARTS_SECONDS,
    FENCING_SECONDS,
    HANDOVER_SECONDS,
    HEAL_SECONDS,
    MANAGEMENT_CALL_SECONDS,
    PROMOTION_SECONDS,
    REROUTE_SECONDS,
    SITE_CHECK_SECONDS,
    STORE_ELECTION_SECONDS,
    Timers,
)

Term = tuple[str, float]
"""A step, and its longest duration in seconds."""
Outage = tuple[tuple[Term, ...], tuple[Term, ...]]
"""The longest outage of collection, and that of the services (users, processing)."""
Bound = Callable[[Timers], Outage]
"""A derivation: returns the longest outage for the timers of a topology."""


def takeover(timers: Timers) -> tuple[Term, ...]:
    """From the decision that another DPS takes over until its services run."""
    return (
        ("standby reads the lease", timers.standby_poll_seconds),
        ("takeover transaction", timers.takeover_seconds),
        ("services start", timers.service_start_seconds),
    )


def gateway_lost(timers: Timers) -> Outage:
    """One of several gateways fails: the load balancer has to detect it."""
    # Each failing check may wait its whole interval and then its time-out: a dead address does not answer.
    noticed = timers.check_fall * (timers.check_interval_seconds + timers.check_timeout_seconds)
    return ((f"load balancer's {timers.check_fall} failed checks", noticed),), ()


def dps_lost(timers: Timers) -> Outage:
    """The active DPS fails, with automatic failover: its lease has to expire."""
    return (), (("lease expires, renewed just before", timers.lease_seconds), *takeover(timers))


def dps_lost_manual(timers: Timers) -> Outage:
    """The active DPS fails, and an operator reassigns the services."""
    return (), (
        ("operator's delay", timers.operator_delay_seconds),
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("former holder is given to release", HANDOVER_SECONDS),
        *takeover(timers),
    )


def dps_switchover(timers: Timers) -> Outage:
    """The services are moved from the active DPS as planned work."""
    return (), (
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("active DPS reads that it is relieved", timers.renew_seconds),
        ("former holder is given to release", HANDOVER_SECONDS),
        *takeover(timers),
    )


def dps_lost_twice(timers: Timers) -> Outage:
    """The active DPS fails, then the one that took over; the latter is restarted."""
    _, first = dps_lost(timers)
    return (), (
        *first,
        ("second fault lasts", timers.fault_seconds),
        ("node starts", timers.node_start_seconds),
        ("lease of the second expires", timers.lease_seconds),
        *takeover(timers),
    )


def load_balancer_lost(timers: Timers) -> Outage:
    """The load balancer that holds the virtual IPs fails; the only one of a lab has to restart."""
    if timers.load_balancers > 1:
        # RFC 5798, 6.1: Master_Down_Interval = 3 × advertisement + skew, and the skew is less than one advertisement.
        outage: tuple[Term, ...] = (
            ("HAProxy's death noticed by its track script", timers.track_interval_seconds),
            ("3 VRRP advertisements missed", 3 * timers.vrrp_advert_seconds),
            ("VRRP skew", timers.vrrp_advert_seconds),
            ("neighbours learn the new address", ARP_SECONDS),
            ("connection to the dead one given up", timers.connect_timeout_seconds),
        )
    else:
        outage = (("fault lasts", timers.fault_seconds), ("node starts", timers.node_start_seconds))
    return outage, outage


def database_lost(timers: Timers) -> Outage:
    """The only database server fails, and has to restart."""
    return (), (
        ("fault lasts", timers.fault_seconds),
        ("database starts and recovers", timers.database_recovery_seconds),
        ("DPS connects again", timers.client_timeout_seconds),
        ("lease expires, watched afresh", timers.lease_seconds),
        *takeover(timers),
    )


def reconnected(timers: Timers) -> tuple[Term, ...]:
    """From the database's return until processing works: the DPS connects, and acquires its expired lease again."""
    return (
        ("DPS connects again", timers.client_timeout_seconds),
        ("lease expires, watched afresh", timers.lease_seconds),
        *takeover(timers),
    )


def database_lease(timers: Timers) -> tuple[Term, ...]:
    """Until another member sees that a cluster's leader lost its key; nothing proved the leader dead."""
    # Patroni documentation, Dynamic Configuration Settings (ttl, loop_wait, retry_timeout): the key outlives its holder
    # by ttl; a waiting member looks every loop_wait, and may be in the middle of a call to the store.
    return (
        ("database lease expires, renewed just before", timers.database_lease_seconds),
        ("another member looks", timers.database_loop_wait_seconds),
        ("its call to the store ends", timers.database_retry_timeout_seconds),
    )


def database_primary_lost(timers: Timers) -> Outage:
    """The primary of a cluster fails, and nothing proves it dead: its key has to expire."""
    return (), (*database_lease(timers), ("promotion", PROMOTION_SECONDS), *reconnected(timers))


def database_primary_fenced(timers: Timers) -> Outage:
    """The primary of a cluster fails, and is proven dead: its lock is released."""
    fenced = (("proven dead, lock released", FENCING_SECONDS), ("store elects a leader", STORE_ELECTION_SECONDS))
    return (), (*fenced, ("promotion", PROMOTION_SECONDS), *reconnected(timers))


def database_standby_lost(timers: Timers) -> Outage:
    """The synchronous standby fails: commits wait until the primary goes on without it."""
    return (), (*database_lease(timers), *reconnected(timers))


def store_leader_lost(timers: Timers) -> Outage:
    """The configuration store's leader fails: a primary without the store may demote itself and be promoted again.

    Patroni documentation, Dynamic Configuration Settings, retry_timeout: a leader whose calls to the store fail for
    longer demotes itself. With failsafe_mode it does not while its standby answers, but a timely answer is not assured.
    """
    return (), (
        ("store elects a leader", STORE_ELECTION_SECONDS),
        ("primary's calls to the store end", timers.database_retry_timeout_seconds),
        ("promotion", PROMOTION_SECONDS),
        *reconnected(timers),
    )


def clients_moved(timers: Timers) -> tuple[Term, ...]:
    """An operator routes the clients to the other site."""
    return (
        ("operator's delay", timers.operator_delay_seconds),
        ("procedure proves the other site", SITE_CHECK_SECONDS),
        ("global load balancer is switched", REROUTE_SECONDS),
    )


def services_moved(timers: Timers) -> tuple[Term, ...]:
    """An operator assigns the services to the other site."""
    return (
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("gateways find the primary database", timers.client_timeout_seconds),
        ("former holder is given to release", HANDOVER_SECONDS),
        *takeover(timers),
    )


def site_lost(timers: Timers) -> Outage:
    """The active site is lost, and an operator fails over."""
    clients = clients_moved(timers)
    fenced = (
        ("store elects a leader", STORE_ELECTION_SECONDS),
        ("primary database proven dead, lock released", FENCING_SECONDS),
        ("promotion", PROMOTION_SECONDS),
    )
    return clients, (*clients, *fenced, *services_moved(timers))


def site_lost_automatic(timers: Timers) -> Outage:
    """The active site is lost, with all automation on: no operator acts."""
    # A client whose answer is cut off waits for its time-out; that is a term of every service.
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    clients = (("global load balancer's failed checks of the site", noticed),)
    # Clients and database are moved at the same time; the services need the database.
    _, services = database_primary_fenced(timers)
    return clients, (*services, *clients)


def site_isolated(timers: Timers) -> Outage:
    """The active site is cut off and keeps running; an operator fails over."""
    # The site runs and cannot be proven dead: its database lease has to expire.
    clients = clients_moved(timers)
    expired = (*database_lease(timers), ("promotion", PROMOTION_SECONDS))
    return clients, (*clients, *expired, *services_moved(timers))


def site_failback(timers: Timers) -> Outage:
    """Database, services and clients are moved to the other site as planned work."""
    clients = clients_moved(timers)
    return (), (*clients, ("database switchover", DATABASE_SWITCHOVER_SECONDS), *services_moved(timers))


def instance_moved(timers: Timers, *stopped: Term) -> Outage:
    """An operator moves everything to the other instance; ``stopped``: the steps that stop the former production."""
    # `rise` equals `fall` in the checks of both load balancers (haproxy.cfg.j2, global_haproxy.cfg.j2).
    rise = timers.check_fall * (timers.check_interval_seconds + timers.check_timeout_seconds)
    site_rise = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    moved = (
        ("operator's delay", timers.operator_delay_seconds),
        ("procedure proves the other instance", SITE_CHECK_SECONDS),
        *stopped,
        ("promotion", PROMOTION_SECONDS),
        ("gateways learn that they serve", timers.client_timeout_seconds),
        ("load balancers' checks of the gateways", rise),
        *services_moved(timers),
        ("global load balancer's checks of the site", site_rise),
        ("global load balancer is switched", REROUTE_SECONDS),
    )
    # The clients move last: the other instance accepts nothing before it has a primary.
    return moved, moved


def production_lost(timers: Timers) -> Outage:
    """Production is lost, and an operator fails over to the failover instance."""
    return instance_moved(timers, ("former production is fenced", FENCING_SECONDS))


def production_lost_interrupted(timers: Timers) -> Outage:
    """Production is lost, and the operator's procedure is killed and restarted 6 times."""
    again = ("the procedure is begun again, 6 times", 6 * COMMAND_SECONDS)
    return instance_moved(timers, ("former production is fenced", FENCING_SECONDS), again)


def production_moved(timers: Timers) -> Outage:
    """Production is moved to the failover instance as planned work."""
    return instance_moved(timers, ("database stops, its standby has caught up", DATABASE_SWITCHOVER_SECONDS))


def tolerated(_: Timers) -> Outage:
    """Nothing is expected to fail."""
    return (), ()


def users_moved_automatic(timers: Timers) -> Outage:
    """One of two active-active instances is lost: only users move, automatically. Both collect and process."""
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    return (), (("wide-area load balancer's failed checks of the site", noticed),)


def users_moved(timers: Timers) -> Outage:
    """One of two active-active instances is lost: an operator moves the users. Both collect and process."""
    return (), (
        ("operator's delay", timers.operator_delay_seconds),
        ("procedure proves the other instance", SITE_CHECK_SECONDS),
        ("wide-area load balancer is switched", REROUTE_SECONDS),
    )


def users_cut_off(timers: Timers) -> Outage:
    """The wide-area load balancer of active-active instances is lost: users have no other way until it restarts."""
    return (), (
        ("fault lasts", timers.fault_seconds),
        ("healing is begun", HEAL_SECONDS),
        # It considers its sites healthy when it starts, and its addresses exist before it runs.
        ("node starts", timers.node_start_seconds),
    )


def addresses_taken(timers: Timers) -> tuple[Term, ...]:
    """Another load balancer takes over the virtual IPs."""
    # RFC 5798, 6.1: Master_Down_Interval = 3 × advertisement + skew, and the skew is less than one advertisement.
    return (
        ("3 VRRP advertisements missed", 3 * timers.vrrp_advert_seconds),
        ("VRRP skew", timers.vrrp_advert_seconds),
        ("neighbours learn the new address", ARP_SECONDS),
    )


def entrance_back(timers: Timers, back: tuple[Term, ...]) -> Outage:
    """The only entrance is lost; ``back``: the steps until its nodes run again."""
    # `rise` equals `fall` in the checks of both load balancers (haproxy.cfg.j2, global_haproxy.cfg.j2).
    rise = timers.check_fall * (timers.check_interval_seconds + timers.check_timeout_seconds)
    site_rise = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    entered = (
        *back,
        *addresses_taken(timers),
        ("load balancers' checks of the gateways", rise),
        ("global load balancer's checks of the site", site_rise),
    )
    return entered, entered


def power_lost(timers: Timers) -> Outage:
    """All nodes lose power, and start at the same time."""
    back = (
        ("fault lasts", timers.fault_seconds),
        ("healing is begun", HEAL_SECONDS),
        ("every node starts", EVERY_NODE_STARTS_SECONDS),
    )
    entered, _ = entrance_back(timers, back)
    recovered: tuple[Term, ...] = (("database starts and recovers", timers.database_recovery_seconds),)
    if timers.database_lease_seconds:
        # The former primary may start later than its standby, which then waits until the primary's key expires.
        elected = (("store elects a leader", STORE_ELECTION_SECONDS), *database_lease(timers))
        recovered = (*recovered, *elected, ("promotion", PROMOTION_SECONDS))
    return entered, (*entered, *recovered, *reconnected(timers))
