"""Who acts in a drill beside the lab itself: goes through procedures, and reassigns services."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from redlab.control.lab import Laboratory
from redlab.drills.interruption import interrupted
from redlab.drills.record import Record
from redlab.errors import RedlabError
from redlab.recovery import procedure, two_instances
from redlab.recovery.procedure import Step


class Operator:
    """An operator of a lab; ``record`` is told when it decides. ``force``: goes to an instance that differs, too."""

    def __init__(self, lab: Laboratory, record: Record, say: Callable[[str], None], *, force: bool = False) -> None:
        self._lab = lab
        self._record = record
        self._say = say
        self._force = force

    def go_to(self, site: str, *, planned: bool) -> None:
        """Go through the procedure that brings everything to a site."""
        self.perform(two_instances.steps(self._lab, site, planned=planned, force=self._force))

    def perform(self, steps: Sequence[Step]) -> None:
        """Go through these steps."""
        procedure.perform(list(steps), self._before)

    def interrupt(self, site: str) -> None:
        """Have the procedure killed before each of its steps but the first, from the beginning each time."""
        for step in two_instances.steps(self._lab, site, planned=False)[1:]:
            self._say(f"operator: killed before the step {step.name!r}")
            if not interrupted(self._lab.inventory.lab, site, step.name):
                raise RedlabError(f"the procedure ended before its step {step.name!r}: it was not interrupted there")

    def reassign(self, server: str) -> None:
        """Give the services to a data processing server."""
        self._say(f"operator: services to {server}")
        self._record.decided_at = time.monotonic()
        self._lab.management.reassign(server)

    def _before(self, step: Step) -> None:
        self._say(f"operator: {step.description}")
        if self._lab.inventory.active_active and step.name == "clients" and self._record.fault_at is not None:
            self._record.rerouted_at = time.monotonic()
