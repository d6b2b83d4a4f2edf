"""Failovers that were practised: drills of the recovery procedure that were passed, and procedures carried through.

They are of the lab that was there then: one that was destroyed and made anew, under the same name, starts without.
"""

from __future__ import annotations

from redlab import engine
from redlab.model.inventory import Inventory
from redlab.results import logbook
from redlab.results.logbook import Practice


def add(inventory: Inventory, how: str, to: str, seconds: float) -> None:
    """Enter that a failover to ``to`` was carried through now, and took ``seconds``."""
    logbook.add_practice(Practice(inventory.lab, engine.now(), how, to, round(seconds, 3)))


def of_lab(inventory: Inventory) -> list[Practice]:
    """Return what was practised on a lab since it was made, the oldest first."""
    # By the engine's clock, which is that of the lab's creation too.
    made_at = engine.made_at(inventory)
    return [each for each in logbook.practices() if each.stack == inventory.lab and each.at >= made_at]
