"""The advice of `redlab advise`: as tables, as a JSON document, and as a comment above the topology that it writes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from redlab.advice.availability import Availability
from redlab.advice.candidates import Range
from redlab.advice.evidence import Measured, Predicted
from redlab.advice.judgement import Advice, Judged, Verdict
from redlab.advice.models import Assumptions
from redlab.advice.needs import Needs
from redlab.advice.tradeoffs import TRADEOFFS, Statement
from redlab.output import answer, print_table

MARKS = {Verdict.PASSES: "yes", Verdict.CONDITIONAL: "on a condition", Verdict.FAILS: "no"}
WIDTH = 110
"""Characters per line of the comment above a topology."""


def document(
    needs: Needs,
    advice: Advice,
    available: Mapping[str, Availability],
    lab: Mapping[str, tuple[Predicted, Measured | None]],
    assumptions: Assumptions,
) -> dict[str, Any]:
    """Return the advice as a JSON document."""

    def described(judged: Judged) -> dict[str, Any]:
        candidate = judged.candidate
        predicted, drilled = lab[candidate.name]
        return {
            "name": candidate.name,
            "pattern": candidate.pattern,
            "satisfies": judged.satisfies,
            "reasons": [{**asdict(reason), "verdict": reason.verdict.value} for reason in judged.reasons],
            "cost": {
                "nodes": judged.nodes,
                "licences": candidate.licences,
                "collectors": candidate.collectors,
                "configurations": candidate.configurations,
                "manual_hours_per_failover": asdict(candidate.manual_hours),
            },
            "availability": {
                **asdict(available[candidate.name]),
                "availability": available[candidate.name].availability,
            },
            "advantages": _statements(TRADEOFFS[candidate.pattern].advantages),
            "drawbacks": _statements(TRADEOFFS[candidate.pattern].drawbacks),
            "lab": {"predicted": asdict(predicted), "measured": asdict(drilled) if drilled else None},
        }

    return {
        "needs": asdict(needs),
        "recommended": described(advice.recommended) if advice.recommended else None,
        "relax": list(advice.relax),
        "candidates": [described(judged) for judged in advice.ranked],
        "assumptions": asdict(assumptions),
    }


def show(
    advice: Advice, available: Mapping[str, Availability], lab: Mapping[str, tuple[Predicted, Measured | None]]
) -> None:
    """Print the advice as tables, followed by the reasons and the recommendation."""
    rows = []
    for judged in advice.ranked:
        candidate, found = judged.candidate, available[judged.candidate.name]
        down = found.downtime_minutes
        rows.append(
            (
                candidate.short,
                "yes" if judged.satisfies else "no",
                judged.nodes,
                f"{candidate.licences}, {candidate.collectors}, {candidate.configurations}",
                _range(candidate.manual_hours),
                f"{down.mean:.0f} ({down.low:.0f} to {down.high:.0f})",
                f"{found.lost_data_minutes.mean:.1f}",
            )
        )
    columns = ("pattern", "all met", "nodes", "licences, collectors, configs ×", "manual hours")
    print_table(
        "All patterns, the best advice first (minutes per year: simulated)",
        (*columns, "minutes down", "minutes of data lost"),
        rows,
    )
    for judged in advice.ranked:
        answer(f"{judged.candidate.short}: {judged.candidate.name}")
    names = dict.fromkeys(reason.requirement for judged in advice.ranked for reason in judged.reasons)
    marks = [{reason.requirement: MARKS[reason.verdict] for reason in judged.reasons} for judged in advice.ranked]
    print_table(
        "Which pattern meets which need",
        ("need", *(judged.candidate.short for judged in advice.ranked)),
        [(name, *(mark.get(name, "") for mark in marks)) for name in names],
    )
    print_table(
        "In this lab, where services start in seconds and programs act as operators",
        ("pattern", "predicted: RTO at most", "in", "measured: worst RTO", "in", "drills", "events lost"),
        [(judged.candidate.short, *_lab_row(*lab[judged.candidate.name])) for judged in advice.ranked],
    )
    for judged in advice.ranked:
        for reason in judged.reasons:
            if reason.verdict is not Verdict.PASSES:
                answer(
                    f"{judged.candidate.name}: {reason.requirement}: {MARKS[reason.verdict]}: {reason.why} "
                    f"({reason.source})"
                )
    if advice.recommended is None:
        answer("no pattern satisfies all needs:\n  " + "\n  ".join(advice.relax))
        return
    chosen = advice.recommended
    print_table(
        f"Advantages and drawbacks of {chosen.candidate.name}",
        ("", "the best practices", "source"),
        [(mark, said.says, said.source) for mark, said in _tradeoffs(chosen)],
    )
    conditions = _conditions(chosen)
    on_condition = f", on a condition: {', '.join(conditions)}" if conditions else ""
    answer(f"recommended: {chosen.candidate.name}, the cheapest that satisfies all needs{on_condition}")


def heading(judged: Judged) -> list[str]:
    """Return the comment above a written topology: pattern, conditions, advantages and drawbacks."""
    lines = [f"{judged.candidate.name}: recommended by `redlab advise`."]
    if conditions := _conditions(judged):
        lines.append(f"On a condition: {', '.join(conditions)}.")
    for mark, said in _tradeoffs(judged):
        lines += textwrap.wrap(f"{mark}: {said.says} ({said.source})", WIDTH, subsequent_indent="  ")
    return lines


def _conditions(judged: Judged) -> list[str]:
    return [reason.requirement for reason in judged.reasons if reason.verdict is Verdict.CONDITIONAL]


def _tradeoffs(judged: Judged) -> list[tuple[str, Statement]]:
    found = TRADEOFFS[judged.candidate.pattern]
    return [*(("advantage", said) for said in found.advantages), *(("drawback", said) for said in found.drawbacks)]


def _statements(found: Iterable[Statement]) -> list[dict[str, str]]:
    return [{**asdict(said), "source": said.source} for said in found]


def _lab_row(predicted: Predicted, drilled: Measured | None) -> tuple[str, ...]:
    expected = (f"{predicted.rto_seconds:.1f} s", predicted.scenario)
    if drilled is None:
        return (*expected, "", "", "none yet", "")
    worst = "never" if drilled.worst_rto_seconds is None else f"{drilled.worst_rto_seconds:.1f} s"
    lost = f"{drilled.lost_events} of {drilled.acknowledged_events}"
    return (*expected, worst, drilled.scenario, str(drilled.drills), lost)


def _range(hours: Range) -> str:
    return f"{hours.best:g} to {hours.worst:g}"
