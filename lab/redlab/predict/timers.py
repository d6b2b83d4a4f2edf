"""The topology's own timers, and the allowances for what has no timer."""

from __future__ import annotations

from dataclasses import dataclass

TAKEOVER_SECONDS = 1.0
"""Allowance for a takeover transaction: ending the former holder's sessions, two commits, on a busy 2-core machine."""
HANDOVER_SECONDS = 0.3
"""How long the former holder of reassigned services is given to release them (`lab/images`, DPS)."""
DATABASE_RECOVERY_SECONDS = 10.0
"""Allowance for PostgreSQL's crash recovery: start of the container, replay of at most a drill's WAL, checks."""
NODE_START_SECONDS = 5.0
"""Allowance from the engine's order to start a container to its process serving: image, mounts, interpreter."""
EVERY_NODE_STARTS_SECONDS = 15.0
"""Allowance for all nodes of a lab to start at once on a machine with two processors, until each of them serves."""
HEAL_SECONDS = 1.0
"""Allowance from the end of a fault's time to the engine's order that reverts it."""
RECONNECTION_SECONDS = 2.0
"""Allowance for the engine to connect a node to two networks again, and for its neighbours to find it."""
MANAGEMENT_CALL_SECONDS = 1.0
"""Allowance for one call of the management API: a connection, two commits."""
PROCESSING_CYCLE_SECONDS = 1.0
"""Allowance for one cycle of a DPS: pull from every gateway, write, commit. Usually 0.05 s, and 0.1 s to gather."""
ARP_SECONDS = 0.2
"""Allowance for the neighbours to learn a virtual IP's new holder from its gratuitous ARP."""
COMMAND_SECONDS = 4.0
"""Allowance for a command that looks at steps which were done already: start, the stack's outputs, a check of each."""
SITE_CHECK_SECONDS = 2.0
"""Allowance for the procedure's first step: the engine is asked for the state of every node."""
REROUTE_SECONDS = 1.0
"""Allowance for the global load balancer to be told of another site, and to prove that it sends clients there."""
FENCING_SECONDS = 2.0
"""Allowance to prove a node dead and to release its lock: the engine and the configuration store are asked."""
PROMOTION_SECONDS = 5.0
"""Allowance from the free leader key to a primary that accepts writes: an election, PostgreSQL's promotion, a poll."""
DATABASE_SWITCHOVER_SECONDS = 8.0
"""Allowance for Patroni's planned switchover: shutdown checkpoint of the old primary, promotion of the new one."""
STORE_ELECTION_SECONDS = 3.0
"""Allowance for the configuration store to elect another leader: etcd's election time-out of 1 s, twice, and a vote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """What a scenario's predicted bound is derived from. All in seconds, apart from counts.

    lease_seconds, renew_seconds: of the DPS lease.   standby_poll_seconds: how often a standby DPS reads it.
    service_start_seconds: of a DPS that took over.
    gateway_poll_seconds: how often a gateway looks for the active DPS.
    check_interval_seconds, check_timeout_seconds, check_fall: HAProxy's checks of a gateway.
    vrrp_advert_seconds, track_interval_seconds: keepalived's advertisements and its check of HAProxy.
    client_timeout_seconds, connect_timeout_seconds: the load's; a whole operation ends within the former.
    operator_delay_seconds: what the drill's operator waits before acting.
    fault_seconds: how long the fault lasts where a restart ends it.   load_interval_seconds: 1 / slowest offered rate.
    load_balancers: how many hold the virtual IPs.
    database_lease_seconds, database_loop_wait_seconds, database_retry_timeout_seconds: Patroni's; 0 without a cluster.
    site_check_interval_seconds, site_check_fall: the global load balancer's checks of a site; 0 without one.
    """

    lease_seconds: float
    renew_seconds: float
    standby_poll_seconds: float
    service_start_seconds: float
    gateway_poll_seconds: float
    check_interval_seconds: float
    check_timeout_seconds: float
    check_fall: int
    vrrp_advert_seconds: float
    track_interval_seconds: float
    client_timeout_seconds: float
    connect_timeout_seconds: float
    load_interval_seconds: float
    load_balancers: int
    operator_delay_seconds: float = 0.0
    fault_seconds: float = 0.0
    database_lease_seconds: float = 0.0
    database_loop_wait_seconds: float = 0.0
    database_retry_timeout_seconds: float = 0.0
    site_check_interval_seconds: float = 0.0
    site_check_fall: int = 0
    takeover_seconds: float = TAKEOVER_SECONDS
    database_recovery_seconds: float = DATABASE_RECOVERY_SECONDS
    node_start_seconds: float = NODE_START_SECONDS
