"""The topology's timers, and allowances for steps without a timer."""

from __future__ import annotations

from dataclasses import dataclass

TAKEOVER_SECONDS = 1.0
"""Allowance for a takeover transaction: ending the former holder's sessions, two commits, on a busy 2-core machine."""
HANDOVER_SECONDS = 0.3
"""How long the former holder of reassigned services has to release them (`lab/images`, DPS)."""
DATABASE_RECOVERY_SECONDS = 10.0
"""Allowance for PostgreSQL's crash recovery: start of the container, replay of at most a drill's WAL, checks."""
NODE_START_SECONDS = 5.0
"""Allowance from the order to start a container until its process serves: image, mounts, interpreter."""
EVERY_NODE_STARTS_SECONDS = 15.0
"""Allowance for all nodes of a lab to start at the same time on a machine with two processors, until each serves."""
HEAL_SECONDS = 1.0
"""Allowance from the end of a fault's duration to the order that reverts it."""
RECONNECTION_SECONDS = 2.0
"""Allowance for the engine to connect a node to two networks again, and for its neighbours to find it."""
MANAGEMENT_CALL_SECONDS = 1.0
"""Allowance for one call of the management API: a connection, two commits."""
PROCESSING_CYCLE_SECONDS = 1.0
"""Allowance for one cycle of a DPS: pull from every gateway, write, commit. Usually 0.05 s, plus 0.1 s to gather."""
ARP_SECONDS = 0.2
"""Allowance for the neighbours to learn a virtual IP's new holder from its gratuitous ARP."""
COMMAND_SECONDS = 4.0
"""Allowance for a command whose steps were all done before: its start, the stack's outputs, the check of each step."""
SITE_CHECK_SECONDS = 2.0
"""Allowance for the procedure's first step: asking the engine for the state of every node."""
REROUTE_SECONDS = 1.0
"""Allowance for switching the global load balancer to another site, and proving that it routes clients there."""
FENCING_SECONDS = 2.0
"""Allowance for proving a node dead and releasing its lock: requests to the engine and the configuration store."""
PROMOTION_SECONDS = 5.0
"""Allowance from the free leader key to a primary that accepts writes: an election, PostgreSQL's promotion, a poll."""
DATABASE_SWITCHOVER_SECONDS = 8.0
"""Allowance for Patroni's planned switchover: shutdown checkpoint of the old primary, promotion of the new one."""
STORE_ELECTION_SECONDS = 3.0
"""Allowance for the configuration store to elect another leader: etcd's election time-out of 1 s, twice, and a vote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """The timers from which a scenario's bound is derived, in seconds, and some counts.

    lease_seconds, renew_seconds: the DPS lease, and its renewal.   standby_poll_seconds: how often a standby reads it.
    service_start_seconds: start of the services on a DPS that took over.
    gateway_poll_seconds: how often a gateway looks for the active DPS.
    check_interval_seconds, check_timeout_seconds, check_fall: HAProxy's checks of a gateway.
    vrrp_advert_seconds, track_interval_seconds: keepalived's advertisements and its check of HAProxy.
    client_timeout_seconds, connect_timeout_seconds: of the load's clients; the former limits a whole operation.
    operator_delay_seconds: how long the drill's operator takes to react.
    fault_seconds: duration of a fault that a restart ends.   load_interval_seconds: 1 / lowest rate of the load.
    load_balancers: number of load balancers that share the virtual IPs.
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
