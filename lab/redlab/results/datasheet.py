"""The resilience datasheet: every scenario of several stacks, as often as asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from redlab.errors import ExitCode
from redlab.results.campaign import CampaignResult
from redlab.results.matrix import Matrix


class FailOn(StrEnum):
    """What makes a datasheet fail, each including those before it."""

    OBJECTIVE = "objective"
    PREDICTION = "prediction"


@dataclass(frozen=True, slots=True)
class Unproven:
    """A scenario that could not be run, and why."""

    scenario: str
    why: str


@dataclass(frozen=True, slots=True)
class StackSheet:
    """One stack: a campaign for each scenario, those that could not be run, and the fault matrix if one was asked for.

    ``single_points``: the names of the single points of failure that the topology has.
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
        """Those of scenarios of a name, then those that were run for the matrix alone."""
        return (*self.campaigns, *(self.matrix.campaigns if self.matrix else ()))

    @property
    def every_unproven(self) -> tuple[Unproven, ...]:
        """All drills that could not be run, those of the matrix too."""
        cells = self.matrix.unproven if self.matrix else ()
        return (*self.unproven, *(Unproven(cell.scenario, cell.why) for cell in cells))

    @property
    def disagreements(self) -> tuple[str, ...]:
        """What drills and topology say differently of single points of failure, a sentence each."""
        return self.matrix.disagreements(self.single_points) if self.matrix else ()


@dataclass(frozen=True, slots=True)
class Datasheet:
    """Several stacks; ``seconds`` is how long all of it took, ``started_at`` ISO 8601."""

    started_at: str
    seconds: float
    sheets: tuple[StackSheet, ...]

    def exit_code(self, fail_on: FailOn) -> ExitCode:
        """Return what the command ends with: missed before aborted, where something is unproven.

        That something is a single point of failure, or is not, is a prediction too.
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
