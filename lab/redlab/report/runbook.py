"""The model of a runbook, and its rendering as Markdown, as a self-contained HTML page and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from redlab.report.templating import render


@dataclass(frozen=True)
class Parameter:
    """One value that the clean-up replaces; ``old_name``, ``new_name``: the values' names in the best practices."""

    key: str
    meaning: str
    old: str
    new: str
    old_name: str
    new_name: str


@dataclass(frozen=True)
class Instruction:
    """One step: ``check`` and ``command`` are shell commands; ``expected`` is their output after success.

    ``alternative``: another way to do the step by hand; '' without one.
    """

    step: str
    who: str
    what: str
    check: str
    command: str
    expected: str
    rollback: str
    alternative: str = ""


@dataclass(frozen=True)
class Runbook:
    """The failover procedure of one lab: from one site or DPS to another.

    ``parameters``: empty with one instance, or if each instance keeps its own values.
    """

    lab: str
    production: str
    failover: str
    parameters: tuple[Parameter, ...]
    instructions: tuple[Instruction, ...]

    @property
    def practice(self) -> str:
        """How the procedure is practised (best practices, chapters 2 and 3)."""
        return (
            f"Practise the failover in a scheduled outage: `./redlab failover {self.lab} --to {self.failover}` (with "
            "several sites also step by step, with `--pause`). A completed failover counts as practice, and `./redlab "
            f"history` lists it. `./redlab readiness {self.lab}` checks whether the lab is ready for a failover."
        )


def markdown(document: Runbook) -> str:
    """Return the runbook as Markdown."""
    return render("runbook.md.j2", runbook=document)


def page(document: Runbook) -> str:
    """Return the runbook as a self-contained HTML page, which loads nothing."""
    return render("runbook.html.j2", runbook=document)


def to_document(document: Runbook) -> dict[str, Any]:
    """Return the runbook as JSON values."""
    return asdict(document)
