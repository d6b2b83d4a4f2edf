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
    """How a connection keeps to a limit: always; but for up to 1 % of the probes; not; or there is none."""

    MET = "met"
    NOT_ALWAYS = "not always met"
    EXCEEDED = "exceeded"
    NO_LIMIT = "no limit"


@dataclass(frozen=True)
class RoundTrips:
    """What the probes of one phase took, in milliseconds; None where so many were not answered that there is no figure.

    ``above``: how many took as long as the limit or longer, unanswered ones among them; 0 where there is no limit.
    """

    probes: int
    unanswered: int
    above: int
    median_milliseconds: float | None
    p99_milliseconds: float | None
    maximum_milliseconds: float | None


@dataclass(frozen=True)
class LinkVerdict:
    """Whether a connection keeps to a limit (milliseconds, None: there is none), and why that is said."""

    verdict: Consistency
    limit_milliseconds: float | None
    why: str


def summed(milliseconds: Sequence[float], limit_milliseconds: float | None) -> RoundTrips:
    """Sum up probes, each with its milliseconds or UNANSWERED. Raises ValueError when there were none."""
    limit = math.inf if limit_milliseconds is None else limit_milliseconds
    return RoundTrips(
        probes=len(milliseconds),
        unanswered=sum(each == UNANSWERED for each in milliseconds),
        above=0 if limit_milliseconds is None else sum(each >= limit for each in milliseconds),
        median_milliseconds=_figure(median(milliseconds)),
        p99_milliseconds=_figure(percentile(milliseconds, 99)),
        maximum_milliseconds=_figure(max(milliseconds)),
    )


def judge(phases: Mapping[str, RoundTrips], limit_milliseconds: float | None) -> LinkVerdict:
    """Judge a connection by every phase. The limit is exceeded when more than 1 % of a phase's probes reached it.

    Fewer may be this machine's doing as well as the connection's: they are told, and not held against the connection.
    """
    if limit_milliseconds is None:
        return LinkVerdict(Consistency.NO_LIMIT, None, "the pattern sets none: any distance and any link will do")
    exceeded = {
        name: trips
        for name, trips in phases.items()
        if trips.p99_milliseconds is None or trips.p99_milliseconds >= limit_milliseconds
    }
    at_times = {name: trips for name, trips in phases.items() if trips.above}
    verdict = Consistency.EXCEEDED if exceeded else Consistency.NOT_ALWAYS if at_times else Consistency.MET
    why = "; ".join(_told(name, trips, limit_milliseconds) for name, trips in (exceeded or at_times).items())
    return LinkVerdict(verdict, limit_milliseconds, why or f"every probe took less than {limit_milliseconds:g} ms")


def _told(phase: str, trips: RoundTrips, limit_milliseconds: float) -> str:
    told = f"{phase}: {trips.above} of {trips.probes} probes took {limit_milliseconds:g} ms or longer"
    if trips.unanswered:
        told += f", {trips.unanswered} were not answered"
    if trips.median_milliseconds is not None and trips.median_milliseconds < limit_milliseconds:
        told += f" (the median is {trips.median_milliseconds:g} ms: a busy machine delays probes as well)"
    return told


def _figure(milliseconds: float) -> float | None:
    return None if milliseconds == UNANSWERED else round(milliseconds, 3)
