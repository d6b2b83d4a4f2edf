"""The verdict on a drill: passed, failed or aborted, with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from redlab.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redlab.measure.measured import Measured, Objectives
    from redlab.measure.others import OtherData

Verdict = Literal["passed", "failed", "aborted"]

EXIT_CODES: dict[Verdict, ExitCode] = {
    "passed": ExitCode.DONE,
    "failed": ExitCode.MISSED,
    "aborted": ExitCode.ABORTED,
}
"""The CLI's exit code for each verdict."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reasons (none when passed), and warnings that do not change it.

    `within_prediction`: whether the RTO is within the bound; False without a recovery, None when the drill was aborted.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    within_prediction: bool | None


def judge(
    objectives: Objectives,
    measured: Measured | None,
    predicted_rto_seconds: float,
    *,
    abort_reasons: Sequence[str] = (),
    unrecovered: Iterable[str] = (),
    breaches: Iterable[str] = (),
    warnings: Iterable[str] = (),
    other_data: OtherData | None = None,
    repaired: bool = False,
) -> Judgement:
    """Judge a drill.

    `abort_reasons`: why the drill proves nothing (the fault did not land, no steady state, healing failed). With any of
    them, or without measurement, the verdict is `aborted`; the reasons then also list the failures.
    `unrecovered`: services that were down at the end.   `breaches`: violated invariants (dual primary).
    `other_data`: its loss counts like the load's.
    `repaired`: only healing, at a time of the drill's choice, ended the outage. The RTO is that of a repair and is not
    compared with the objective; without any recovery the drill still fails.
    A measured RTO above the predicted bound is only a warning: the bound's allowances hold for one kind of machine.
    """
    failures: list[str] = []
    notes = list(warnings)
    within: bool | None = None
    if measured is not None:
        failures = _failures(objectives, measured, other_data, repaired=repaired)
        failures += [f"{service} had not recovered when the drill ended" for service in unrecovered]
        failures += breaches
        within = measured.rto_seconds is not None and measured.rto_seconds <= predicted_rto_seconds
        if measured.rto_seconds is not None and not within:
            notes.append(f"RTO {measured.rto_seconds:.3f} s is above the predicted bound {predicted_rto_seconds:.3f} s")
        if measured.refused_but_present_events:
            notes.append(f"{measured.refused_but_present_events} refused events are stored nevertheless")
    if abort_reasons or measured is None:
        reasons = (*abort_reasons, *failures) or ("nothing was measured",)
        return Judgement("aborted", reasons, tuple(notes), None)
    return Judgement("failed" if failures else "passed", tuple(failures), tuple(notes), within)


def _failures(objectives: Objectives, measured: Measured, others: OtherData | None, *, repaired: bool) -> list[str]:
    failures = []
    if measured.rto_seconds is None:
        failures.append("no recovery: at least one service never recovered")
    elif measured.rto_seconds > objectives.rto_seconds and not repaired:
        failures.append(f"RTO {measured.rto_seconds:.3f} s is above the objective {objectives.rto_seconds:g} s")
    lost_by_others = others.lost if others else 0
    if measured.lost_events + lost_by_others > objectives.rpo_events:
        of_others = f" and {others.lost} others ({', '.join(others.lost_sample)})" if others and others.lost else ""
        failures.append(
            f"{measured.lost_events} acknowledged events{of_others} lost{_by_kind(measured, 'lost')}, objective "
            f"{objectives.rpo_events}"
        )
    if measured.duplicate_events:
        failures.append(f"{measured.duplicate_events} duplicate events{_by_kind(measured, 'duplicate')}")
    if measured.never_sent_events:
        failures.append(
            f"{measured.never_sent_events} events stored that were never sent{_by_kind(measured, 'never_sent')}"
        )
    if measured.dual_primary_seconds > 0:
        failures.append(f"writes of two nodes were accepted for {measured.dual_primary_seconds:.3f} s")
    if measured.redundancy_restored_seconds is None:
        failures.append("redundancy was not restored")
    return failures


def _by_kind(measured: Measured, count: str) -> str:
    """Return the count of each kind, in brackets; empty if all items are events."""
    found = {one.kind: getattr(one, count) for one in measured.kinds if getattr(one, count)}
    return f" ({', '.join(f'{kind} {number}' for kind, number in found.items())})" if set(found) - {"event"} else ""
