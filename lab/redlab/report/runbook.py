"""A runbook: what it says, as Markdown, as a self-contained page, and as a JSON document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from redlab.report.templating import render


@dataclass(frozen=True)
class Parameter:
    """One value that the clean-up replaces."""

    key: str
    meaning: str
    old: str
    new: str


@dataclass(frozen=True)
class Instruction:
    """One step: ``check`` and ``command`` are shell commands; ``expected`` is what they show when it went well."""

    step: str
    who: str
    what: str
    check: str
    command: str
    expected: str
    rollback: str


@dataclass(frozen=True)
class Runbook:
    """The procedure of one lab for the failover of one site to the other."""

    lab: str
    production: str
    failover: str
    parameters: tuple[Parameter, ...]
    instructions: tuple[Instruction, ...]


def markdown(document: Runbook) -> str:
    """Return it for a wiki or a printer."""
    return render("runbook.md.j2", runbook=document)


def page(document: Runbook) -> str:
    """Return it as an HTML page in which nothing is loaded from elsewhere."""
    return render("runbook.html.j2", runbook=document)


def to_document(document: Runbook) -> dict[str, Any]:
    """Return it for programs."""
    return asdict(document)
