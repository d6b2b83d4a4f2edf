"""The resilience datasheet: campaigns of every scenario of several stacks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from redlab.errors import ExitCode
from redlab.results.campaign import CampaignResult
from redlab.results.matrix import Matrix


class FailOn(StrEnum):
    """The outcomes that make a datasheet fail; each includes the previous ones."""

    OBJECTIVE = "objective"
    PREDICTION = "prediction"


@dataclass(frozen=True, slots=True)
class Unproven:
    """A scenario that could not be run, with the reason."""

    scenario: str
    why: str


@dataclass(frozen=True, slots=True)
class StackSheet:
    """One stack: a campaign for each scenario, the scenarios that could not be run, and optionally the fault matrix.

    ``single_points``: the names of the single points of failure, derived from the topology.
    """

    stack: str
    pattern: str
    nodes: int
    campaigns: tuple[CampaignResult, ...]
    unproven: tuple[Unproven, ...]
    single_points: tuple[str, ...]
    matrix: Matrix | None = None

    @property
    def every_campaign(self) -> tuple[CampaignResult, ...]:
        """The campaigns of named scenarios, then those that were run only for the matrix."""
        return (*self.campaigns, *(self.matrix.campaigns if self.matrix else ()))

    @property
    def every_unproven(self) -> tuple[Unproven, ...]:
        """All scenarios that could not be run, including those of the matrix."""
        cells = self.matrix.unproven if self.matrix else ()
        return (*self.unproven, *(Unproven(cell.scenario, cell.why) for cell in cells))

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Contradictions between drills and topology about single points of failure, one sentence each."""
        return self.matrix.disagreements(self.single_points) if self.matrix else ()


@dataclass(frozen=True, slots=True)
class Datasheet:
    """Several stacks. ``seconds``: duration of the whole datasheet.   ``started_at``: ISO 8601."""

    started_at: str
    seconds: float
    sheets: tuple[StackSheet, ...]

    def exit_code(self, fail_on: FailOn) -> ExitCode:
        """Return the command's exit code: MISSED before ABORTED, which means that a scenario is unproven.

        Single points of failure derived from the topology count as predictions.
        """
        campaigns = [campaign for sheet in self.sheets for campaign in sheet.every_campaign]
        missed = any(campaign.verdict == "failed" for campaign in campaigns)
        if fail_on is FailOn.PREDICTION:
            missed = missed or not all(c.within_prediction for c in campaigns if c.verdict != "aborted")
            missed = missed or any(sheet.disagreements for sheet in self.sheets)
        if missed:
            return ExitCode.MISSED
        unproven = any(sheet.every_unproven for sheet in self.sheets)
        aborted = unproven or any(campaign.verdict == "aborted" for campaign in campaigns)
        return ExitCode.ABORTED if aborted else ExitCode.DONE
