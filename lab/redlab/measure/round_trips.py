"""Judging whether a link is fast enough at all times: its round trips compared with a pattern's limit. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from redlab.measure.steady_state import percentile

UNANSWERED = math.inf
"""The round trip of a probe without an answer."""


class Consistency(StrEnum):
    """Whether a link keeps to a limit.

    NOT_ALWAYS: up to 1 % of the probes reached it.   UNDECIDED: the machine was too busy for a verdict.
    """

    MET = "met"
    NOT_ALWAYS = "not always met"
    EXCEEDED = "exceeded"
    UNDECIDED = "undecided"
    NO_LIMIT = "no limit"


@dataclass(frozen=True)
class Probe:
    """One probe: its round trip, or UNANSWERED; and how late this machine then woke a process (milliseconds)."""

    milliseconds: float
    late_milliseconds: float = 0.0


@dataclass(frozen=True)
class RoundTrips:
    """Statistics of the probes of one phase, in milliseconds; None if the figure is that of an unanswered one.

    ``above``: probes that reached the limit, including unanswered ones; 0 without a limit.
    ``late_p99_milliseconds``: 99th percentile of this machine's wake-up delays during the phase.
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
    """Whether a link keeps to a limit (milliseconds; None: no limit), and the reason for this verdict."""

    verdict: Consistency
    limit_milliseconds: float | None
    why: str


def summed(probes: Sequence[Probe], limit_milliseconds: float | None) -> RoundTrips:
    """Compute the statistics of probes. Raises ValueError when there are none."""
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
    """Judge a link by its worst phase. The limit is exceeded when more than 1 % of a phase's probes reached it.

    The router is woken twice for each round trip. If this machine woke it so late that the link itself may have kept to
    the limit, the verdict is UNDECIDED.
    """
    if limit_milliseconds is None:
        return LinkVerdict(
            Consistency.NO_LIMIT, None, "the pattern sets no limit: any distance and any link is allowed"
        )
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
        told += f"; this machine is too busy (it woke processes {trips.late_p99_milliseconds:g} ms late): try again"
    return told


def _figure(milliseconds: float) -> float | None:
    return None if milliseconds == UNANSWERED else round(milliseconds, 3)
