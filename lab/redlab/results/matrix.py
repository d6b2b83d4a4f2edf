"""The fault matrix of a lab: every node, link and site with every kind of fault. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redlab.predict.fault_kinds import TAKE_AWAY

if TYPE_CHECKING:
    from collections.abc import Collection

    from redlab.results.campaign import CampaignResult

FAULTS = (*TAKE_AWAY, "planned")
"""The columns. planned: the element is taken out of service as for maintenance."""
SINGLE_POINT = "single point of failure"


@dataclass(frozen=True, slots=True)
class Cell:
    """One element and one fault.

    `scenario`: the scenario whose drills fill the cell; '' without one.   `named`: the scenario has a name of its own,
    and was not run only for this cell.   `why`: why no drill fills the cell; may be ''.
    """

    fault: str
    scenario: str = ""
    named: bool = False
    campaign: CampaignResult | None = None
    why: str = ""

    @property
    def proven(self) -> bool:
        """Whether at least one drill was not aborted."""
        return self.campaign is not None and self.campaign.passed + self.campaign.failed > 0

    @property
    def outcome(self) -> str:
        """Verdict of the drills, or `SINGLE_POINT` if the element is one; '' without drills."""
        if self.campaign is None:
            return ""
        return SINGLE_POINT if self.campaign.single_point_services else self.campaign.verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One element; `kind`: node, link or site.   `stands_for`: the names of equivalent elements, itself included."""

    kind: str
    element: str
    stands_for: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def found(self) -> tuple[str, ...]:
        """The names of the elements that drills found to be single points of failure."""
        targets = [
            run.fault.target for cell in self.cells if cell.campaign for run in cell.campaign.runs if run.single_point
        ]
        # A scenario may use another name for the element that it hits.
        names = [target if target in self.stands_for else self.stands_for[0] for target in targets]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows of the fault matrix."""

    rows: tuple[Row, ...]

    @property
    def campaigns(self) -> tuple[CampaignResult, ...]:
        """The campaigns that were run only for the matrix."""
        return tuple(
            cell.campaign for row in self.rows for cell in row.cells if cell.campaign is not None and not cell.named
        )

    @property
    def unproven(self) -> tuple[Cell, ...]:
        """The cells whose drills could not be run."""
        return tuple(
            cell for row in self.rows for cell in row.cells if cell.scenario and not cell.named and not cell.campaign
        )

    @property
    def found(self) -> tuple[str, ...]:
        """The names of all single points of failure that drills found."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.found))

    def disagreements(self, derived: Collection[str]) -> tuple[str, ...]:
        """Return the contradictions between drills and topology, one sentence each.

        `derived`: the names of the single points of failure derived from the topology. Only elements with a proven cell
        are compared.
        """
        proven = [row for row in self.rows if any(cell.proven for cell in row.cells)]
        shown = {name for row in proven for name in row.stands_for}
        return (
            *(f"{name} was found to be a {SINGLE_POINT}, the topology says otherwise"
              for name in self.found if name not in derived),
            *(f"{name} is a {SINGLE_POINT} by the topology, but no service waited for it"
              for name in derived if name in shown and not self._found_beside(name)),
        )  # fmt: skip

    def _found_beside(self, name: str) -> bool:
        """Whether the element, or the equivalent one that was tested, was found to be a single point of failure."""
        return any(row.found for row in self.rows if name in row.stands_for)
