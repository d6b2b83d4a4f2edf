"""Is a connection fast enough at all times? Its round trips against the limit of a pattern. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from redlab.measure.steady_state import percentile

UNANSWERED = math.inf
"""The round trip of a probe that nobody answered."""


class Consistency(StrEnum):
    """How a connection keeps to a limit: always; but for up to 1 % of the probes; not; nobody knows; there is none."""

    MET = "met"
    NOT_ALWAYS = "not always met"
    EXCEEDED = "exceeded"
    UNDECIDED = "undecided"
    NO_LIMIT = "no limit"


@dataclass(frozen=True)
class Probe:
    """One probe: what it took, or UNANSWERED; and how late this machine woke a process just then (milliseconds)."""

    milliseconds: float
    late_milliseconds: float = 0.0


@dataclass(frozen=True)
class RoundTrips:
    """What the probes of one phase took, in milliseconds; None where so many were not answered that there is no figure.

    ``above``: how many took as long as the limit or longer, unanswered ones among them; 0 where there is no limit.
    ``late_p99_milliseconds``: how late this machine woke 99 % of the processes that it was to wake meanwhile.
    """

    probes: int
    unanswered: int
    above: int
    median_milliseconds: float | None
    p99_milliseconds: float | None
    maximum_milliseconds: float | None
    late_p99_milliseconds: float


@dataclass(frozen=True)
class LinkVerdict:
    """Whether a connection keeps to a limit (milliseconds, None: there is none), and why that is said."""

    verdict: Consistency
    limit_milliseconds: float | None
    why: str


def summed(probes: Sequence[Probe], limit_milliseconds: float | None) -> RoundTrips:
    """Sum up probes. Raises ValueError when there were none."""
    milliseconds = [probe.milliseconds for probe in probes]
    limit = math.inf if limit_milliseconds is None else limit_milliseconds
    return RoundTrips(
        probes=len(milliseconds),
        unanswered=sum(each == UNANSWERED for each in milliseconds),
        above=0 if limit_milliseconds is None else sum(each >= limit for each in milliseconds),
        median_milliseconds=_figure(median(milliseconds)),
        p99_milliseconds=_figure(percentile(milliseconds, 99)),
        maximum_milliseconds=_figure(max(milliseconds)),
        late_p99_milliseconds=round(percentile([probe.late_milliseconds for probe in probes], 99), 3),
    )


def judge(phases: Mapping[str, RoundTrips], limit_milliseconds: float | None) -> LinkVerdict:
    """Judge a connection by every phase. The limit is exceeded when more than 1 % of a phase's probes reached it.

    Whatever delays packets is woken twice on their way there and back. Where this machine was so late with it that the
    connection may have kept to the limit, that is undecided.
    """
    if limit_milliseconds is None:
        return LinkVerdict(Consistency.NO_LIMIT, None, "the pattern sets none: any distance and any link will do")
    of_phase = {name: _verdict(trips, limit_milliseconds) for name, trips in phases.items()}
    verdict = max(of_phase.values(), key=_WORSE.index)
    why = "; ".join(_told(name, phases[name], limit_milliseconds) for name, one in of_phase.items() if one is verdict)
    if verdict is Consistency.MET:
        why = f"every probe took less than {limit_milliseconds:g} ms"
    return LinkVerdict(verdict, limit_milliseconds, why)


_WORSE = (Consistency.MET, Consistency.NOT_ALWAYS, Consistency.UNDECIDED, Consistency.EXCEEDED)


def _verdict(trips: RoundTrips, limit_milliseconds: float) -> Consistency:
    if not trips.above:
        return Consistency.MET
    if trips.p99_milliseconds is None or trips.median_milliseconds is None:
        return Consistency.EXCEEDED
    if trips.p99_milliseconds < limit_milliseconds:
        return Consistency.NOT_ALWAYS
    explained = trips.p99_milliseconds - 2 * trips.late_p99_milliseconds < limit_milliseconds
    if explained and trips.median_milliseconds < limit_milliseconds:
        return Consistency.UNDECIDED
    return Consistency.EXCEEDED


def _told(phase: str, trips: RoundTrips, limit_milliseconds: float) -> str:
    told = f"{phase}: {trips.above} of {trips.probes} probes took {limit_milliseconds:g} ms or longer"
    if trips.unanswered:
        told += f", {trips.unanswered} were not answered"
    if _verdict(trips, limit_milliseconds) is Consistency.UNDECIDED:
        told += f"; this machine is so busy that it woke processes {trips.late_p99_milliseconds:g} ms late: try again"
    return told


def _figure(milliseconds: float) -> float | None:
    return None if milliseconds == UNANSWERED else round(milliseconds, 3)
