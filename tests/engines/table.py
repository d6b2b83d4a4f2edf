"""Results of steps on engines, as JSON and as a Markdown table: a row for each step, a column for each engine. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self


@dataclass(frozen=True)
class Outcome:
    """What came of a step, with the code of which commit and on which day.

    ``detail``: of a drill its figures, of a failure what it said last.
    """

    stack: str
    step: str
    passed: bool
    seconds: float
    date: str
    commit: str
    detail: str = ""


@dataclass(frozen=True)
class Run:
    """All steps on one engine: its release, what it says of itself, and what came of them."""

    release: str
    version: str
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether every step passed, and there was one."""
        return bool(self.outcomes) and all(outcome.passed for outcome in self.outcomes)

    @property
    def code(self) -> str:
        """Days and commits of the steps."""
        return "; ".join(dict.fromkeys(f"{outcome.date}, {outcome.commit}" for outcome in self.outcomes))

    def after(self, earlier: Self) -> Self:
        """Return the run with the steps of an earlier one on the stacks that it leaves out."""
        run = {outcome.stack for outcome in self.outcomes}
        kept = tuple(outcome for outcome in earlier.outcomes if outcome.stack not in run)
        return replace(self, outcomes=(*kept, *self.outcomes))

    def document(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return asdict(self)

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        """Read what :meth:`document` returned."""
        return cls(**{**document, "outcomes": tuple(Outcome(**each) for each in document["outcomes"])})


def markdown(runs: Sequence[Run]) -> str:
    """Return the table of one engine or several, with the reason of each failure below it."""
    rows = list(dict.fromkeys((outcome.stack, outcome.step) for run in runs for outcome in run.outcomes))
    found = {(run.release, outcome.stack, outcome.step): outcome for run in runs for outcome in run.outcomes}
    lines = [
        "| stack | step | " + " | ".join(run.release for run in runs) + " |",
        "|---" * (len(runs) + 2) + "|",
        "| | engine | " + " | ".join(run.version for run in runs) + " |",
        "| | date, commit | " + " | ".join(run.code for run in runs) + " |",
    ]
    for stack, step in rows:
        cells = [_cell(found.get((run.release, stack, step))) for run in runs]
        lines.append(f"| {stack} | {step} | " + " | ".join(cells) + " |")
    lines.append("| | **all** | " + " | ".join("**passed**" if run.passed else "**failed**" for run in runs) + " |")
    failures = [
        f"- {run.release}, {outcome.stack}, {outcome.step}: {' '.join(outcome.detail.split())}"
        for run in runs
        for outcome in run.outcomes
        if not outcome.passed
    ]
    return "\n".join([*lines, *([""] if failures else []), *failures, ""])


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "–"
    said = f"{outcome.seconds:.0f} s" if outcome.passed else "**failed**"
    return f"{said}; {outcome.detail}" if outcome.passed and outcome.detail else said
