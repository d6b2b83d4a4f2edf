"""What a drill has seen and done: the raw record from which its result is computed. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.measure.history import History
from redlab.measure.others import Item
from redlab.measure.record import Observed
from redlab.predict.part import Part

STEADY_SECONDS = 2.0
"""How long everything must have succeeded before a fault."""


@dataclass
class Record(Observed):
    """Filled in as the drill goes on; instants are seconds of CLOCK_MONOTONIC, None: it did not come to that.

    ``part``: what was hit is to those who are served, where a scenario's element may be anything.
    ``held``: what waited in the gateways when other collectors' data began to be watched, at ``watched_since``.
    ``stuck``: what waits in the gateways at the final read and should not.
    """

    scenario: Scenario
    load: LoadSettings
    target: str = ""
    part: Part | None = None
    fault_at: float | None = None
    evidence: str = ""
    down_gateways: tuple[str, ...] = ()
    epoch_before: int = 0
    detected_at: float | None = None
    decided_at: float | None = None
    rerouted_at: float | None = None
    heal_at: float | None = None
    healed_at: float | None = None
    redundancy_restored_at: float | None = None
    read_at: float | None = None
    history: History | None = None
    held: frozenset[Item] = frozenset()
    watched_since: float = 0.0
    stuck: tuple[str, ...] = ()

    def abort(self, reason: str) -> None:
        """Write down what makes the drill worthless."""
        self.abort_reasons = (*self.abort_reasons, reason)

    def breach(self, *seen: str) -> None:
        """Write down what must never be."""
        self.breaches = (*self.breaches, *seen)
