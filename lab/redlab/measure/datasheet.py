"""The resilience datasheet: every scenario of several stacks, as often as asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from redlab.measure.campaign import CampaignResult


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
    """One stack: a campaign for each scenario, those that could not be run, and single points of failure."""

    stack: str
    pattern: str
    nodes: int
    campaigns: tuple[CampaignResult, ...]
    unproven: tuple[Unproven, ...]
    single_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Datasheet:
    """Several stacks; ``seconds`` is how long all of it took, ``started_at`` ISO 8601."""

    started_at: str
    seconds: float
    sheets: tuple[StackSheet, ...]

    def exit_code(self, fail_on: FailOn) -> int:
        """Return 0 when all is well, 1 when an objective (or a prediction) was missed, 2 when something is unproven."""
        campaigns = [campaign for sheet in self.sheets for campaign in sheet.campaigns]
        missed = any(campaign.verdict == "failed" for campaign in campaigns)
        if fail_on is FailOn.PREDICTION:
            missed = missed or not all(c.within_prediction for c in campaigns if c.verdict != "aborted")
        if missed:
            return 1
        unproven = any(sheet.unproven for sheet in self.sheets)
        return 2 if unproven or any(campaign.verdict == "aborted" for campaign in campaigns) else 0
