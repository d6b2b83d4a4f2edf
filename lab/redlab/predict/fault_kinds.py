"""The kinds of faults, each known here by its name: what it is, and what follows from it for what is measured.

How a kind is made, proven and reverted, is in :mod:`redlab.faults.node_fault` and :mod:`redlab.faults.link_fault`.
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
    # A load balancer is started anew: Docker gives its interfaces other names.
    return (("networks are connected", RECONNECTION_SECONDS), *_started(timers))


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A way to fail, or to be tried.

    ``name``: what scenarios, results and the journal of faults call it.   ``summary``: what is done to what it hits.
    ``takes_away``: what it hits is not there while it lasts, so that a service that is away for as long shows a single
    point of failure; the fault matrix has a column for it.   ``breaks``: a fault of nodes or links; else it is work
    that goes on, or more of it.   ``back``: derives what passes from the order to revert it until what it hit is there.
    """

    name: str
    summary: str
    takes_away: bool = False
    breaks: bool = True
    back: Callable[[Timers], tuple[Term, ...]] = _at_once

    def __str__(self) -> str:
        return self.name


CRASH = FaultKind("crash", "killed (SIGKILL)", takes_away=True, back=_started)
HANG = FaultKind("hang", "paused: it does nothing, its connections stay open", takes_away=True)
CUT = FaultKind("cut", "a node without any network, a link that lets nothing through", takes_away=True, back=_connected)
VOLUME_LOSS = FaultKind("volume-loss", "killed, and what its volumes held is gone", back=_started)
CERTIFICATE_EXPIRY = FaultKind("certificate-expiry", "shows a certificate that has expired to whoever connects")
DEGRADE = FaultKind("degrade", "a link far slower than its pattern allows")
SWITCHOVER = FaultKind("switchover", "planned: it is relieved, nothing breaks", breaks=False)
STORM = FaultKind("storm", "thousands of events in bursts", breaks=False)
DRIFT = FaultKind("drift", "configured differently", breaks=False)
TEST_FAILOVER = FaultKind("test-failover", "planned, and of a copy alone", breaks=False)
UPGRADE = FaultKind("upgrade", "planned: made anew with another image", breaks=False)
BROKEN_UPGRADE = FaultKind("broken-upgrade", "an upgrade whose image never gets healthy", breaks=False)

KINDS = {kind.name: kind for kind in globals().values() if isinstance(kind, FaultKind)}
"""Every kind, by its name."""
TAKE_AWAY = tuple(kind.name for kind in KINDS.values() if kind.takes_away)
"""The names of those that take away what they hit."""
