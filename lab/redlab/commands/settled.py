"""Opening a lab for a command that changes it."""

from __future__ import annotations

from redlab.control.lab import Laboratory, open_lab
from redlab.faults import residue
from redlab.output import say


def open_settled(stack: str) -> Laboratory:
    """Open a lab. Restores the automation settings that a killed drill left changed. Raises as ``open_lab``."""
    lab = open_lab(stack)
    for line in residue.settle(lab):
        say(line)
    return lab
