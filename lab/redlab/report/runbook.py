"""A runbook: what it says, as Markdown, as a self-contained page, and as a JSON document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from redlab.report.templating import render


@dataclass(frozen=True)
class Parameter:
    """One value that the clean-up replaces; ``old_name``, ``new_name``: what the best practices call the values."""

    key: str
    meaning: str
    old: str
    new: str
    old_name: str
    new_name: str


@dataclass(frozen=True)
class Instruction:
    """One step: ``check`` and ``command`` are shell commands; ``expected`` is what they show when it went well.

    ``alternative``: another way to do the same, for people; '' where there is none.
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
    """The procedure of one lab for a failover: of one site to the other, or of one server to the other.

    ``parameters``: none where there is one instance, or where each keeps its own.
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
            f"Practise it in a scheduled outage: `./redlab failover {self.lab} --to {self.failover}` (with several "
            "sites also step by step, with `--pause`). What was carried through to its end counts; `./redlab history` "
            f"lists it, and `./redlab readiness {self.lab}` says whether all is ready for it."
        )


def markdown(document: Runbook) -> str:
    """Return it for a wiki or a printer."""
    return render("runbook.md.j2", runbook=document)


def page(document: Runbook) -> str:
    """Return it as an HTML page in which nothing is loaded from elsewhere."""
    return render("runbook.html.j2", runbook=document)


def to_document(document: Runbook) -> dict[str, Any]:
    """Return it for programs."""
    return asdict(document)
