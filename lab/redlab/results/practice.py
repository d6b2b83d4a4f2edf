"""Practised failovers: passed drills of the recovery procedure, and completed procedures.

They belong to one creation of a lab. A lab that is destroyed and created again under its name starts without practice.
"""

from __future__ import annotations

from redlab import engine
from redlab.model.inventory import Inventory
from redlab.results import logbook
from redlab.results.logbook import Practice


def add(inventory: Inventory, how: str, to: str, seconds: float) -> None:
    """Log a failover to ``to`` that has just been completed and took ``seconds``."""
    logbook.add_practice(Practice(inventory.lab, engine.now(), how, to, round(seconds, 3)))


def of_lab(inventory: Inventory) -> list[Practice]:
    """Return the failovers practised on a lab since its creation, the oldest first."""
    # Both instants are by the engine's clock.
    made_at = engine.made_at(inventory)
    return [each for each in logbook.practices() if each.stack == inventory.lab and each.at >= made_at]
