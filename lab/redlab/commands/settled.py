"""Opening a lab for a command that changes it."""

from __future__ import annotations

from redlab.control.lab import Laboratory, open_lab
from redlab.faults import residue
from redlab.output import say


def open_settled(stack: str) -> Laboratory:
    """Open a lab, and set what acts by itself as it was before a drill that was killed. Raises as ``open_lab``."""
    lab = open_lab(stack)
    for line in residue.settle(lab):
        say(line)
    return lab
