"""A fault of any kind that was made."""

from __future__ import annotations

from dataclasses import dataclass

from redlab.faults.journal import Entry
from redlab.model.inventory import Node


@dataclass(frozen=True)
class Fault:
    """A fault that was made: when the engine was asked for it (monotonic), and the proof that it took effect.

    The effect follows within milliseconds of the asking, so a recovery time from ``injected_at`` is never too short.
    ``evidence`` is '' when the fault did not land.
    """

    entry: Entry
    node: Node
    injected_at: float
    evidence: str
