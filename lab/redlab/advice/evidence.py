"""This lab's evidence on a pattern, in addition to the best practices: predicted bounds and drills. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from redlab.results.logged import LoggedDrill


@dataclass(frozen=True)
class Predicted:
    """The scenario with the greatest predicted RTO bound in a candidate's topology."""

    scenario: str
    rto_seconds: float


@dataclass(frozen=True)
class Measured:
    """The drills of a pattern that were run from this checkout, without aborted ones.

    ``worst_rto_seconds``: None if a drill never recovered.   ``scenario``: the scenario of the worst drill.
    """

    drills: int
    scenario: str
    worst_rto_seconds: float | None
    acknowledged_events: int
    lost_events: int


def measured(pattern: str, drills: Iterable[LoggedDrill]) -> Measured | None:
    """Combine the drills of a pattern; None without drills."""
    counted = [drill for drill in drills if drill.pattern == pattern and drill.verdict != "aborted"]
    if not counted:
        return None
    worst = max(counted, key=lambda drill: float("inf") if drill.rto_seconds is None else drill.rto_seconds)
    return Measured(
        len(counted),
        worst.scenario,
        worst.rto_seconds,
        sum(drill.acknowledged_events for drill in counted),
        sum(drill.lost_events for drill in counted),
    )
