"""The recovery time each scenario may take at most, derived from the topology's own timers.

A bound is a worst case: every timer has just restarted when the fault strikes, every poll has just missed the news. It
is the sum of named terms, so that a report can show where it comes from. Each service has its own derivation; the
pattern's bound is the greatest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab.predict.timers import PROCESSING_CYCLE_SECONDS, Timers

if TYPE_CHECKING:
    from redlab.predict.derivations import Bound, Outage, Term


@dataclass(frozen=True, slots=True)
class Derivation:
    """One service's bound as named terms, in seconds, in the order in which they pass."""

    service: str
    terms: tuple[Term, ...]

    @property
    def seconds(self) -> float:
        """The bound: the sum of the terms."""
        return sum(seconds for _, seconds in self.terms)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A scenario's bounds: for `collection`, `user` and `processing`."""

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
    """Derive the bounds of a scenario from what derives how long its outage lasts at most."""
    return derive(scenario, bound(timers), timers)


def derive(scenario: str, outage: Outage, timers: Timers) -> Prediction:
    """Derive each service's bound from how long an outage keeps collection and the services away."""
    collection, services = outage
    # Processing needs an accepted event as well as an active DPS, and then one cycle of work.
    processing = max(collection, services, key=lambda terms: sum(seconds for _, seconds in terms))
    announced = ("gateways learn who is active", timers.gateway_poll_seconds)
    # A user needs a gateway to answer him and an active DPS behind it.
    user = (*services, announced) if services else collection
    cycle = ("pull, write and commit", PROCESSING_CYCLE_SECONDS)
    next_operation = ("next operation is due", timers.load_interval_seconds)
    # The run of successes may begin with an operation that the outage held until just before its client gave up.
    held = ("slowest answer a client waits for", timers.client_timeout_seconds)
    return Prediction(
        scenario,
        (
            Derivation("collection", (*collection, next_operation, held)),
            Derivation("user", (*user, next_operation, held)),
            Derivation("processing", (*processing, next_operation, held, cycle)),
        ),
    )
