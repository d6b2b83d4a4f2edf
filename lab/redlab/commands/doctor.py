"""`redlab doctor`: checks whether this machine can run a lab."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from redlab.commands.arguments import FormatOption
from redlab.doctor import reading
from redlab.doctor.examination import examine
from redlab.doctor.finding import Verdict
from redlab.errors import RedlabError
from redlab.output import Format, print_json, print_table, progress


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(doctor)


def doctor(
    *,
    output: FormatOption = Format.TABLE,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run only the checks that `up` runs; they take less than a second.")
    ] = False,
) -> None:
    """Check whether this machine can run a lab: engine, networks, limits, ports, memory, tools.

    Each line is ok, degraded or broken, with its remedy. Exit code 2: something is broken, and no lab can come up.
    """
    facts = reading.facts()
    if not quick:
        with progress("testing whether packets are routed between two networks"):
            facts = reading.thorough(facts)
    found = [(check.name, finding) for check, finding in examine(facts)]
    worst = max((finding.verdict for _, finding in found), key=list(Verdict).index)
    if output is Format.JSON:
        print_json({"verdict": worst, "checks": [{"check": name, **asdict(finding)} for name, finding in found]})
    else:
        rows = [(name, finding.verdict, finding.found, finding.remedy) for name, finding in found]
        print_table("", ("check", "verdict", "found", "remedy"), rows)
    if worst is Verdict.BROKEN:
        names = ", ".join(name for name, finding in found if finding.verdict is Verdict.BROKEN)
        raise RedlabError(f"broken: {names}")
