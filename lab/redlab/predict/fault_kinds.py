"""The kinds of faults: their names, descriptions, and consequences for the measurement.

:mod:`redlab.faults.node_fault` and :mod:`redlab.faults.link_fault` inject, prove and revert them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from redlab.predict.derivations import Term
from redlab.predict.timers import RECONNECTION_SECONDS, Timers


def _at_once(_: Timers) -> tuple[Term, ...]:
    return ()


def _started(timers: Timers) -> tuple[Term, ...]:
    return (("node starts", timers.node_start_seconds),)


def _connected(timers: Timers) -> tuple[Term, ...]:
    # The node is restarted: after a reconnection, Docker gives a load balancer's interfaces other names.
    return (("networks are connected", RECONNECTION_SECONDS), *_started(timers))


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault, or of planned work or load that a drill applies.

    ``name``: in scenarios, results and the journal of faults.   ``summary``: what happens to the element that it hits.
    ``takes_away``: the element is unavailable while the fault lasts; a service that is down for as long reveals a
    single point of failure, and the fault matrix has a column for the kind.   ``breaks``: a fault of nodes or links;
    False for planned work, load or configuration.   ``back``: derives the steps from the order to revert the fault
    until the element is available.
    """

    name: str
    summary: str
    takes_away: bool = False
    breaks: bool = True
    back: Callable[[Timers], tuple[Term, ...]] = _at_once

    def __str__(self) -> str:
        return self.name


CRASH = FaultKind("crash", "killed (SIGKILL)", takes_away=True, back=_started)
HANG = FaultKind("hang", "paused: it does nothing, but its connections stay open", takes_away=True)
CUT = FaultKind("cut", "a node without any network, a link that drops all packets", takes_away=True, back=_connected)
VOLUME_LOSS = FaultKind("volume-loss", "killed, and its volumes are emptied", back=_started)
CERTIFICATE_EXPIRY = FaultKind("certificate-expiry", "serves an expired certificate to clients that connect")
DEGRADE = FaultKind("degrade", "a link is slowed far below the limit of its pattern")
SWITCHOVER = FaultKind("switchover", "planned work: its services move, and nothing breaks", breaks=False)
STORM = FaultKind("storm", "thousands of events in bursts", breaks=False)
DRIFT = FaultKind("drift", "configured differently", breaks=False)
TEST_FAILOVER = FaultKind("test-failover", "planned work on an isolated copy", breaks=False)
UPGRADE = FaultKind("upgrade", "planned work: replaced with another image", breaks=False)
BROKEN_UPGRADE = FaultKind("broken-upgrade", "an upgrade to an image that never becomes healthy", breaks=False)

KINDS = {kind.name: kind for kind in globals().values() if isinstance(kind, FaultKind)}
"""Every kind of fault, by its name."""
TAKE_AWAY = tuple(kind.name for kind in KINDS.values() if kind.takes_away)
"""The names of the kinds that make an element unavailable."""
