"""The fault matrix of a lab: every node, link and site, each failing in every way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab.predict.fault_kinds import TAKE_AWAY

if TYPE_CHECKING:
    from collections.abc import Collection

    from redlab.results.campaign import CampaignResult

FAULTS = (*TAKE_AWAY, "planned")
"""The columns; planned: it is taken out of service, as for maintenance."""
SINGLE_POINT = "single point of failure"


@dataclass(frozen=True, slots=True)
class Cell:
    """One element and one fault.

    `scenario`: whose drills show it, '' where there are none, and then `why`, if there is anything to say.   `named`:
    that scenario has a name of its own, and was not run for this cell.
    """

    fault: str
    scenario: str = ""
    named: bool = False
    campaign: CampaignResult | None = None
    why: str = ""

    @property
    def proven(self) -> bool:
        """Whether a drill counts."""
        return self.campaign is not None and self.campaign.passed + self.campaign.failed > 0

    @property
    def outcome(self) -> str:
        """What the drills show: passed, failed, aborted, or that the element is a single point; '' without any."""
        if self.campaign is None:
            return ""
        return SINGLE_POINT if self.campaign.single_point_services else self.campaign.verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One element; `kind`: node, link or site.   `stands_for`: the names of those that are comparable, itself too."""

    kind: str
    element: str
    stands_for: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def found(self) -> tuple[str, ...]:
        """The names of those that were found to be single points of failure."""
        targets = [
            run.fault.target for cell in self.cells if cell.campaign for run in cell.campaign.runs if run.single_point
        ]
        # A scenario may call what it hits by another name.
        names = [target if target in self.stands_for else self.stands_for[0] for target in targets]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Matrix:
    """All rows."""

    rows: tuple[Row, ...]

    @property
    def campaigns(self) -> tuple[CampaignResult, ...]:
        """The drills that were run for the matrix alone."""
        return tuple(
            cell.campaign for row in self.rows for cell in row.cells if cell.campaign is not None and not cell.named
        )

    @property
    def unproven(self) -> tuple[Cell, ...]:
        """The cells whose own drills could not be run."""
        return tuple(
            cell for row in self.rows for cell in row.cells if cell.scenario and not cell.named and not cell.campaign
        )

    @property
    def found(self) -> tuple[str, ...]:
        """The names of the single points of failure that were found."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.found))

    def disagreements(self, derived: Collection[str]) -> tuple[str, ...]:
        """Return what the topology says otherwise than the drills, a sentence each.

        `derived`: the names of the single points of failure that the topology has; only what was proven is compared.
        """
        proven = [row for row in self.rows if any(cell.proven for cell in row.cells)]
        shown = {name for row in proven for name in row.stands_for}
        return (
            *(f"{name} was found to be a {SINGLE_POINT}, the topology says otherwise"
              for name in self.found if name not in derived),
            *(f"{name} is a {SINGLE_POINT} by the topology, but nobody had to wait for it"
              for name in derived if name in shown and not self._found_beside(name)),
        )  # fmt: skip

    def _found_beside(self, name: str) -> bool:
        """Whether it, or what it was tested by, was found."""
        return any(row.found for row in self.rows if name in row.stands_for)
