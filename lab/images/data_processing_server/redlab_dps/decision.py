"""What a DPS does next about the lease. Pure: one reading of the lease in, one action out."""

from dataclasses import dataclass
from enum import Enum

from redlab_node.lease import Lease


class Action(Enum):
    """What to do."""

    RENEW = "renew"
    RELEASE = "release"  # the services were given to another DPS
    STEP_DOWN = "step-down"  # the lease was lost: somebody raised the epoch
    ACQUIRE = "acquire"
    WAIT = "wait"


class Reason(Enum):
    """Why a DPS took the services, as recorded in `lease_history`."""

    FIRST_START = "first-start"
    RESTART = "restart"
    REASSIGNED = "reassigned"
    AUTOMATIC_FAILOVER = "automatic-failover"


@dataclass(frozen=True)
class Situation:
    """What the DPS knows beside the lease itself."""

    node: str
    held_epoch: int | None  # the epoch this process acquired, None for a standby
    automatic_failover: bool
    watched_seconds: float  # for how long the lease has been read without a failure
    unchanged_seconds: float  # for how long nobody has been seen to renew it, by this node's own clock
    assigned_seconds: float  # for how long this node has known that the services are assigned to it
    lease_seconds: float
    handover_seconds: float  # how long the former holder of reassigned services is given to release them


@dataclass(frozen=True)
class Decision:
    """The action, and for ACQUIRE why."""

    action: Action
    reason: Reason | None = None


def decide(lease: Lease, situation: Situation) -> Decision:
    """Return what to do next."""
    if situation.held_epoch is not None:
        return Decision(_as_holder(lease, situation))
    if lease.assigned_to == situation.node:
        return _as_assigned(lease, situation)
    # A database that was away for longer than the lease shows it expired even though its holder is well: the holder
    # gets the time of a lease, counted from when the database answered again, to renew it.
    watched = situation.watched_seconds >= situation.lease_seconds
    if situation.automatic_failover and watched and _over(lease, situation):
        return Decision(Action.ACQUIRE, Reason.AUTOMATIC_FAILOVER)
    return Decision(Action.WAIT)


def _over(lease: Lease, situation: Situation) -> bool:
    """Whether nobody holds the lease any more, also where the database's clock was set meanwhile.

    Set forward it shows a lease expired that is renewed all the time: a holder that is well misses no two renewals, of
    which a lease has three. Set back it shows one that ends later than any that could be granted now: that is over when
    nobody has renewed it for as long as a lease.
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
