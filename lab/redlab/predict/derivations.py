"""How long a fault keeps something away at most, in named terms of the topology's own timers: a function a kind."""

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
"""What passes, and how long it takes at most, in seconds."""
Outage = tuple[tuple[Term, ...], tuple[Term, ...]]
"""How long collection is away, and how long the services (users, processing) are."""
Bound = Callable[[Timers], Outage]
"""What derives how long a fault keeps something away at most."""


def takeover(timers: Timers) -> tuple[Term, ...]:
    """What follows once it is settled that another DPS takes over."""
    return (
        ("standby reads the lease", timers.standby_poll_seconds),
        ("takeover transaction", timers.takeover_seconds),
        ("services start", timers.service_start_seconds),
    )


def gateway_lost(timers: Timers) -> Outage:
    """One of several gateways: the load balancer has to notice."""
    # Each failing check may wait its whole interval and then its time-out: a dead address answers nothing.
    noticed = timers.check_fall * (timers.check_interval_seconds + timers.check_timeout_seconds)
    return ((f"load balancer's {timers.check_fall} failed checks", noticed),), ()


def dps_lost(timers: Timers) -> Outage:
    """The active DPS, with automatic failover: its lease has to end."""
    return (), (("lease expires, renewed just before", timers.lease_seconds), *takeover(timers))


def dps_lost_manual(timers: Timers) -> Outage:
    """The active DPS, with an operator who reassigns the services."""
    return (), (
        ("operator's delay", timers.operator_delay_seconds),
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("former holder is given to release", HANDOVER_SECONDS),
        *takeover(timers),
    )


def dps_switchover(timers: Timers) -> Outage:
    """The active DPS is relieved as planned."""
    return (), (
        ("management call", MANAGEMENT_CALL_SECONDS),
        ("active DPS reads that it is relieved", timers.renew_seconds),
        ("former holder is given to release", HANDOVER_SECONDS),
        *takeover(timers),
    )


def dps_lost_twice(timers: Timers) -> Outage:
    """The active DPS, then the one that takes over, which comes back."""
    _, first = dps_lost(timers)
    return (), (
        *first,
        ("second fault lasts", timers.fault_seconds),
        ("node starts", timers.node_start_seconds),
        ("lease of the second expires", timers.lease_seconds),
        *takeover(timers),
    )


def load_balancer_lost(timers: Timers) -> Outage:
    """The load balancer that holds the virtual IPs; an only one has to come back itself."""
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
    """The only database server, which has to come back itself."""
    return (), (
        ("fault lasts", timers.fault_seconds),
        ("database starts and recovers", timers.database_recovery_seconds),
        ("DPS connects again", timers.client_timeout_seconds),
        ("lease expires, watched afresh", timers.lease_seconds),
        *takeover(timers),
    )


def reconnected(timers: Timers) -> tuple[Term, ...]:
    """What follows the database's coming back: the DPS finds it, and takes up its expired lease again."""
    return (
        ("DPS connects again", timers.client_timeout_seconds),
        ("lease expires, watched afresh", timers.lease_seconds),
        *takeover(timers),
    )


def database_lease(timers: Timers) -> tuple[Term, ...]:
    """A cluster's leader that nobody can prove dead: its key has to run out."""
    # Patroni (its documentation, ttl, loop_wait, retry_timeout): the key outlives its holder by ttl; who waits for it
    # looks every loop_wait, and may be in the middle of a call to the store.
    return (
        ("database lease expires, renewed just before", timers.database_lease_seconds),
        ("another member looks", timers.database_loop_wait_seconds),
        ("its call to the store ends", timers.database_retry_timeout_seconds),
    )


def database_primary_lost(timers: Timers) -> Outage:
    """The primary of a cluster, whose death nobody proves."""
    return (), (*database_lease(timers), ("promotion", PROMOTION_SECONDS), *reconnected(timers))


def database_primary_fenced(timers: Timers) -> Outage:
    """The primary of a cluster, proven dead."""
    fenced = (("proven dead, lock released", FENCING_SECONDS), ("store elects a leader", STORE_ELECTION_SECONDS))
    return (), (*fenced, ("promotion", PROMOTION_SECONDS), *reconnected(timers))


def database_standby_lost(timers: Timers) -> Outage:
    """The standby that commits wait for, until they go on without it."""
    return (), (*database_lease(timers), *reconnected(timers))


def store_leader_lost(timers: Timers) -> Outage:
    """The configuration store's leader: a primary that cannot reach the store for too long steps down, and up again.

    Patroni's documentation, retry_timeout: a leader whose calls to the store fail for longer demotes itself. With
    failsafe_mode it does not while its standby answers; that the standby does so in time is not promised.
    """
    return (), (
        ("store elects a leader", STORE_ELECTION_SECONDS),
        ("primary's calls to the store end", timers.database_retry_timeout_seconds),
        ("promotion", PROMOTION_SECONDS),
        *reconnected(timers),
    )


def clients_moved(timers: Timers) -> tuple[Term, ...]:
    """An operator sends the clients to the other site."""
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
    """The site that serves, with an operator who fails over."""
    clients = clients_moved(timers)
    fenced = (
        ("store elects a leader", STORE_ELECTION_SECONDS),
        ("primary database proven dead, lock released", FENCING_SECONDS),
        ("promotion", PROMOTION_SECONDS),
    )
    return clients, (*clients, *fenced, *services_moved(timers))


def site_lost_automatic(timers: Timers) -> Outage:
    """The site that serves, when everything that can act by itself does."""
    # Whoever is cut off while it is being answered waits for his time-out; that is a term of every service.
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    clients = (("global load balancer's failed checks of the site", noticed),)
    # Clients and database are moved at the same time; the services need the database.
    _, services = database_primary_fenced(timers)
    return clients, (*services, *clients)


def site_isolated(timers: Timers) -> Outage:
    """The site that serves is cut off, and goes on running; an operator fails over."""
    # It runs, so nobody can prove it dead: its lease has to run out.
    clients = clients_moved(timers)
    expired = (*database_lease(timers), ("promotion", PROMOTION_SECONDS))
    return clients, (*clients, *expired, *services_moved(timers))


def site_failback(timers: Timers) -> Outage:
    """Everything is moved to the other site as planned."""
    clients = clients_moved(timers)
    return (), (*clients, ("database switchover", DATABASE_SWITCHOVER_SECONDS), *services_moved(timers))


def instance_moved(timers: Timers, *stopped: Term) -> Outage:
    """An operator fails over to the other instance; ``stopped`` is what ends the former one."""
    # Rising takes a server as many good checks as falling takes bad ones (haproxy.cfg.j2, global_haproxy.cfg.j2).
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
    # The clients move last: the other instance takes nothing before it has a primary.
    return moved, moved


def production_lost(timers: Timers) -> Outage:
    """The instance that serves, with an operator who fails over."""
    return instance_moved(timers, ("former production is fenced", FENCING_SECONDS))


def production_lost_interrupted(timers: Timers) -> Outage:
    """The same with a procedure that is killed again and again."""
    again = ("the procedure is begun again, 6 times", 6 * COMMAND_SECONDS)
    return instance_moved(timers, ("former production is fenced", FENCING_SECONDS), again)


def production_moved(timers: Timers) -> Outage:
    """The instance that serves hands over as planned."""
    return instance_moved(timers, ("database stops, its standby has caught up", DATABASE_SWITCHOVER_SECONDS))


def tolerated(_: Timers) -> Outage:
    """Nothing is expected to fail."""
    return (), ()


def users_moved_automatic(timers: Timers) -> Outage:
    """Of twins either collects and processes: only users have to be led elsewhere, by themselves."""
    noticed = timers.site_check_fall * (timers.site_check_interval_seconds + timers.check_timeout_seconds)
    return (), (("wide-area load balancer's failed checks of the site", noticed),)


def users_moved(timers: Timers) -> Outage:
    """The same by an operator."""
    return (), (
        ("operator's delay", timers.operator_delay_seconds),
        ("procedure proves the other instance", SITE_CHECK_SECONDS),
        ("wide-area load balancer is switched", REROUTE_SECONDS),
    )


def users_cut_off(timers: Timers) -> Outage:
    """Of twins either collects and processes: only users have no other way than the wide-area load balancer."""
    return (), (
        ("fault lasts", timers.fault_seconds),
        ("healing is begun", HEAL_SECONDS),
        # It takes its sites for well from the beginning, and its addresses are there before it.
        ("node starts", timers.node_start_seconds),
    )


def addresses_taken(timers: Timers) -> tuple[Term, ...]:
    """A load balancer takes the virtual IPs."""
    # RFC 5798, 6.1: Master_Down_Interval = 3 × advertisement + skew, and the skew is less than one advertisement.
    return (
        ("3 VRRP advertisements missed", 3 * timers.vrrp_advert_seconds),
        ("VRRP skew", timers.vrrp_advert_seconds),
        ("neighbours learn the new address", ARP_SECONDS),
    )


def entrance_back(timers: Timers, back: tuple[Term, ...]) -> Outage:
    """The only way in, from when it is ``back``."""
    # Rising takes a server as many good checks as falling takes bad ones (haproxy.cfg.j2, global_haproxy.cfg.j2).
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
    """Everything, which starts again at once."""
    back = (
        ("fault lasts", timers.fault_seconds),
        ("healing is begun", HEAL_SECONDS),
        ("every node starts", EVERY_NODE_STARTS_SECONDS),
    )
    entered, _ = entrance_back(timers, back)
    recovered: tuple[Term, ...] = (("database starts and recovers", timers.database_recovery_seconds),)
    if timers.database_lease_seconds:
        # The former primary may be slower than its standby, which then waits for its key to run out.
        elected = (("store elects a leader", STORE_ELECTION_SECONDS), *database_lease(timers))
        recovered = (*recovered, *elected, ("promotion", PROMOTION_SECONDS))
    return entered, (*entered, *recovered, *reconnected(timers))
