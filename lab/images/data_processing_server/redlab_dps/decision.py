"""The next step of a DPS regarding the lease. Pure: one reading of the lease in, one action out."""

from dataclasses import dataclass
from enum import Enum

from redlab_node.lease import Lease


class Action(Enum):
    """The next step."""

    RENEW = "renew"
    RELEASE = "release"  # the services were given to another DPS
    STEP_DOWN = "step-down"  # the lease was lost: another DPS raised the epoch
    ACQUIRE = "acquire"
    WAIT = "wait"


class Reason(Enum):
    """The reason for which a DPS took the services, as recorded in `lease_history`."""

    FIRST_START = "first-start"
    RESTART = "restart"
    REASSIGNED = "reassigned"
    AUTOMATIC_FAILOVER = "automatic-failover"


@dataclass(frozen=True)
class Situation:
    """The facts, beside the lease itself, on which the decision depends."""

    node: str
    held_epoch: int | None  # the epoch this process acquired, None for a standby
    automatic_failover: bool
    watched_seconds: float  # since when readings of the lease have not failed
    unchanged_seconds: float  # time without a renewal, by this node's own clock
    assigned_seconds: float  # time since this node first saw the services assigned to it
    lease_seconds: float
    handover_seconds: float  # time for the former holder to release reassigned services


@dataclass(frozen=True)
class Decision:
    """The action, and the reason for ACQUIRE."""

    action: Action
    reason: Reason | None = None


def decide(lease: Lease, situation: Situation) -> Decision:
    """Return the next step."""
    if situation.held_epoch is not None:
        return Decision(_as_holder(lease, situation))
    if lease.assigned_to == situation.node:
        return _as_assigned(lease, situation)
    # After an outage of the database that was longer than the lease, the lease looks expired although its holder is
    # well. The holder then has the time of one lease, from the database's first answer on, to renew it.
    watched = situation.watched_seconds >= situation.lease_seconds
    if situation.automatic_failover and watched and _over(lease, situation):
        return Decision(Action.ACQUIRE, Reason.AUTOMATIC_FAILOVER)
    return Decision(Action.WAIT)


def _over(lease: Lease, situation: Situation) -> bool:
    """Tell whether the lease has no holder any more, also after the database's clock was set.

    A clock that was set forward shows a regularly renewed lease as expired. A healthy holder misses no two renewals,
    and a lease lasts three. A clock that was set back shows a lease that ends later than any lease granted now: it is
    over when nobody has renewed it for the time of a lease.
    """
    if lease.remaining_seconds > situation.lease_seconds:
        return situation.unchanged_seconds >= situation.lease_seconds
    return lease.expired and situation.unchanged_seconds >= situation.lease_seconds * 2 / 3


def _as_holder(lease: Lease, situation: Situation) -> Action:
    if (lease.holder, lease.epoch) != (situation.node, situation.held_epoch):
        return Action.STEP_DOWN
    return Action.RENEW if lease.assigned_to == situation.node else Action.RELEASE


def _as_assigned(lease: Lease, situation: Situation) -> Decision:
    if lease.epoch == 0:
        return Decision(Action.ACQUIRE, Reason.FIRST_START)
    released = lease.holder is None or lease.expired
    if lease.last_holder == situation.node and lease.holder in (None, situation.node):
        return Decision(Action.ACQUIRE, Reason.RESTART)
    if released or situation.assigned_seconds >= situation.handover_seconds:
        return Decision(Action.ACQUIRE, Reason.REASSIGNED)
    return Decision(Action.WAIT)
