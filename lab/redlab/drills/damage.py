"""The faults of one drill: made, proven and reverted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redlab.drills.scenario import Scenario
from redlab.drills.targets import Hit
from redlab.errors import RedlabError
from redlab.faults import healing, link_fault, node_fault
from redlab.faults.fault import Fault
from redlab.model.inventory import Inventory
from redlab.predict.fault_kinds import FaultKind

# A fault ends by itself only when nobody is left to heal it: so much longer than the drill can last.
SPARE_SECONDS = 30


class Damage:
    """The faults of a drill; ``limit_seconds``: how long the drill may wait for recovery, as far as is known so far."""

    def __init__(self, inventory: Inventory, scenario: Scenario, limit_seconds: Callable[[], float]) -> None:
        self._inventory = inventory
        self._scenario = scenario
        self._limit_seconds = limit_seconds
        self._faults: list[Fault] = []

    @property
    def done(self) -> bool:
        """Whether a fault was made."""
        return bool(self._faults)

    def make(self, hit: Hit, kind: FaultKind | None = None) -> list[Fault]:
        """Break the target, by the scenario's fault or by another kind."""
        ends_after_seconds = self._scenario.heal_after_seconds or self._limit_seconds() + SPARE_SECONDS
        return self._inject(hit, kind or self._scenario.fault, ends_after_seconds + SPARE_SECONDS)

    def make_beforehand(self, hit: Hit, kind: FaultKind) -> None:
        """Make a fault that lasts for the whole drill."""
        self._inject(hit, kind, self._limit_seconds() + 4 * SPARE_SECONDS)

    def heal(self) -> None:
        """Revert every fault, and prove it."""
        healing.heal_all([fault.entry for fault in self._faults])

    def _inject(self, hit: Hit, kind: FaultKind, expires_after_seconds: float) -> list[Fault]:
        if hit.ways:
            faults = link_fault.inject(self._inventory, kind.name, hit.ways, expires_after_seconds)
        else:
            faults = node_fault.inject(self._inventory.lab, kind.name, hit.nodes, expires_after_seconds)
        self._faults += faults
        return faults


def proof(faults: Sequence[Fault]) -> str:
    """Return the proof that the faults landed. Raises RedlabError that names the first target still healthy."""
    for fault in faults:
        if not fault.evidence:
            raise RedlabError(f"the fault did not land: {fault.node.name} is still well")
    return "; ".join(fault.evidence for fault in faults)
