"""Deriving the bound of each scenario's recovery time from the topology's timers.

A bound is a worst case: every timer has just restarted when the fault occurs, and every poll has just missed it. It is
a sum of named terms, which reports show. Each service has its own derivation; the pattern's bound is the greatest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab.predict.timers import PROCESSING_CYCLE_SECONDS, Timers

if TYPE_CHECKING:
    from redlab.predict.derivations import Bound, Outage, Term


@dataclass(frozen=True, slots=True)
class Derivation:
    """One service's bound as named terms in seconds, in chronological order."""

    service: str
    terms: tuple[Term, ...]

    @property
    def seconds(self) -> float:
        """The bound: the sum of the terms."""
        return sum(seconds for _, seconds in self.terms)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The bounds of a scenario for the services `collection`, `user` and `processing`."""

    scenario: str
    derivations: tuple[Derivation, ...]

    @property
    def worst(self) -> Derivation:
        """The derivation of the greatest bound."""
        return max(self.derivations, key=lambda derivation: derivation.seconds)

    @property
    def rto_seconds(self) -> float:
        """The pattern's bound, in seconds."""
        return self.worst.seconds


def predict(scenario: str, bound: Bound, timers: Timers) -> Prediction:
    """Derive the bounds of a scenario from the derivation of its longest outage."""
    return derive(scenario, bound(timers), timers)


def derive(scenario: str, outage: Outage, timers: Timers) -> Prediction:
    """Derive each service's bound from the longest outage of collection and of the services."""
    collection, services = outage
    # Processing needs an accepted event as well as an active DPS, and then one cycle of work.
    processing = max(collection, services, key=lambda terms: sum(seconds for _, seconds in terms))
    announced = ("gateways learn who is active", timers.gateway_poll_seconds)
    # A user needs an answering gateway and an active DPS behind it.
    user = (*services, announced) if services else collection
    cycle = ("pull, write and commit", PROCESSING_CYCLE_SECONDS)
    next_operation = ("next operation is due", timers.load_interval_seconds)
    # The run of successes may begin with an operation that the outage delayed until just before its client gave up.
    held = ("slowest answer a client waits for", timers.client_timeout_seconds)
    return Prediction(
        scenario,
        (
            Derivation("collection", (*collection, next_operation, held)),
            Derivation("user", (*user, next_operation, held)),
            Derivation("processing", (*processing, next_operation, held, cycle)),
        ),
    )
