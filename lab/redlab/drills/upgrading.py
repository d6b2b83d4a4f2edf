"""The upgrade that a drill carries out under load, or sees refused by its own checks when an image is broken."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from redlab.control.lab import Laboratory
from redlab.drills import new_images
from redlab.drills.record import Record
from redlab.faults import journal
from redlab.faults.residue import images_of
from redlab.predict.fault_kinds import BROKEN_UPGRADE, UPGRADE
from redlab.recovery import procedure
from redlab.recovery.procedure import Step
from redlab.stack.pulumi import Stack
from redlab.upgrade import plan
from redlab.upgrade.broken import UpgradeError
from redlab.upgrade.rollout import Rollout

FAULTS = (UPGRADE, BROKEN_UPGRADE)
"""The kinds of fault that are an upgrade."""
BROKEN_SECONDS = 6.0
"""How long a node may take to be healthy with an image that never is: a drill need not wait longer."""
LOAD_SECONDS = 900.0
"""How long the load of such a drill may last at most."""


class Upgrading:
    """One upgrade on a lab; ``record`` is told when it began, and when somebody who is served may have noticed."""

    def __init__(self, lab: Laboratory, record: Record, say: Callable[[str], None]) -> None:
        self._lab = lab
        self._record = record
        self._say = say
        self._broken = record.scenario.fault is BROKEN_UPGRADE
        self._images: Mapping[str, str] = {}

    def prepare(self) -> None:
        """Make the images; the journal remembers what was declared."""
        inventory = self._lab.inventory
        journal.remember_declared(inventory.lab, Stack(inventory.lab).overrides(), images_of(inventory))
        self._images = new_images.make(inventory, broken=self._broken)

    def run(self) -> None:
        """Go through the upgrade, and write down what came of it."""
        inventory, record = self._lab.inventory, self._record
        before = images_of(inventory)
        seconds = {"ready_seconds": BROKEN_SECONDS} if self._broken else {}
        changes = Rollout(inventory, self._images, say=self._say, **seconds)
        record.work_began_at = time.monotonic()
        try:
            steps = [self._noted(step) for step in plan.steps(self._lab, changes, self._say)]
            procedure.perform(steps, lambda step: self._say(f"operator: {step.description}"))
        except UpgradeError as error:
            if self._broken:
                record.evidence = f"noticed: {error}"
            else:
                record.breach(f"the upgrade failed: {error}")
        else:
            if self._broken:
                record.breach("an image that never gets healthy was brought to every node")
        if self._broken and record.fault_at is not None:
            record.breach("users were moved to nodes with a broken image")
        if self._broken and images_of(inventory) != before:
            record.breach("nodes do not run what they ran before the broken image was noticed")
        record.fault_at = record.work_began_at if record.fault_at is None else record.fault_at
        if done := changes.done(changes.nodes):
            record.evidence = f"{len(changes.nodes)} nodes made anew ({done})"

    def forget(self) -> None:
        """Remove the images, which no node runs any more."""
        new_images.remove(self._lab.inventory)

    def _noted(self, step: Step) -> Step:
        """Return a step that notes when the first switchover begins."""
        if not step.interrupts:
            return step

        def act() -> None:
            if self._record.fault_at is None:
                self._record.fault_at = self._record.decided_at = time.monotonic()
            step.act()

        return replace(step, act=act)
