"""Judging which candidates satisfy the needs: each requirement separately, with reason and source. Pure.

A figure of the best practices is a range. An objective at or above its worst end is met. One within the range is met on
a condition (a prepared, rehearsed environment), which the reason states. One below its best end is not met. A
prerequisite of the pattern that the needs do not mention is also a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from redlab.advice.candidates import NEAR, Candidate, Range
from redlab.advice.needs import Needs
from redlab.model.durations import span
from redundancy.rules.links import MAXIMUM_DISTANCE_KILOMETERS, MAXIMUM_ROUND_TRIP_MILLISECONDS


class Verdict(StrEnum):
    """Whether a candidate satisfies one requirement."""

    PASSES = "passes"
    CONDITIONAL = "conditional"
    FAILS = "fails"


@dataclass(frozen=True)
class Reason:
    """The judgement of one requirement: its name in a file of needs, verdict, reason and the reason's source.

    ``relax_to``: the need with which the candidate would pass; None if it passes.
    """

    requirement: str
    verdict: Verdict
    why: str
    source: str
    relax_to: str | None = None


@dataclass(frozen=True)
class Judged:
    """A candidate with its number of nodes, a reason for each requirement, and whether all are satisfied."""

    candidate: Candidate
    nodes: int
    reasons: tuple[Reason, ...]
    satisfies: bool

    @property
    def cost(self) -> tuple[int, int]:
        """The sort key by cost: the pattern's rank, then the number of nodes."""
        return self.candidate.rank, self.nodes

    @property
    def failing(self) -> tuple[Reason, ...]:
        """The requirements that the candidate fails."""
        return tuple(reason for reason in self.reasons if reason.verdict is Verdict.FAILS)


@dataclass(frozen=True)
class Advice:
    """All candidates, the best first, and the recommended one; None if no candidate satisfies all needs.

    ``relax``: without a recommendation, a sentence for each nearest candidate on the needs to relax.
    """

    ranked: tuple[Judged, ...]
    recommended: Judged | None
    relax: tuple[str, ...]


def advise(needs: Needs, counted: Iterable[tuple[Candidate, int]], *, strict: bool = False) -> Advice:
    """Judge candidates; ``counted``: each with its number of nodes.

    Candidates that satisfy all needs come first, ordered by cost; then the others, by the number of failed
    requirements. With ``strict`` an objective must be met at the worst end of a figure's range.
    """
    ranked = sorted(
        (_judge(needs, candidate, nodes, strict=strict) for candidate, nodes in counted),
        key=lambda judged: (not judged.satisfies, len(judged.failing), judged.cost),
    )
    recommended = ranked[0] if ranked and ranked[0].satisfies else None
    relax: tuple[str, ...] = ()
    if recommended is None:
        fewest = len(ranked[0].failing) if ranked else 0
        relax = tuple(
            f"{judged.candidate.name} would do with {' and '.join(str(reason.relax_to) for reason in judged.failing)}"
            for judged in ranked
            if len(judged.failing) == fewest
        )
    return Advice(tuple(ranked), recommended, relax)


def _judge(needs: Needs, candidate: Candidate, nodes: int, *, strict: bool) -> Judged:
    reasons = [reason for check in _CHECKS for reason in check(needs, candidate)]
    if needs.budget_nodes is not None:
        reasons.append(_budget(needs.budget_nodes, nodes))
    if strict:
        reasons = [_strictly(reason) if reason.requirement in _FIGURES else reason for reason in reasons]
    return Judged(candidate, nodes, tuple(reasons), all(reason.verdict is not Verdict.FAILS for reason in reasons))


def _strictly(reason: Reason) -> Reason:
    if reason.verdict is not Verdict.CONDITIONAL:
        return reason
    return Reason(reason.requirement, Verdict.FAILS, reason.why, reason.source, reason.relax_to)


def _source(candidate: Candidate) -> str:
    chapter = "".join(f" {letter}" if letter.isupper() else letter for letter in candidate.pattern)
    return f"best practices,{chapter}"


def _within(requirement: str, objective: float, figure: Range, candidate: Candidate) -> Reason:
    expected = span(figure.best)
    if figure == NEAR:
        expected = f"close to zero (here: up to {span(figure.worst)})"
    elif figure.worst != figure.best:
        expected = f"{expected} to {span(figure.worst)}"
    said = f"{expected} is to be expected, {span(objective)} is needed"
    source, relax_to = _source(candidate), f"{requirement} {span(figure.worst)}"
    if figure.worst != figure.best:
        relax_to = f"{requirement} {span(figure.best)} to {span(figure.worst)}"
    if objective >= figure.worst:
        return Reason(requirement, Verdict.PASSES, said, source)
    if objective >= figure.best:
        why = f"{said}: only in an environment that is prepared and rehearsed for it"
        return Reason(requirement, Verdict.CONDITIONAL, why, source, relax_to)
    return Reason(requirement, Verdict.FAILS, said, source, relax_to)


def _rto(needs: Needs, candidate: Candidate) -> Iterator[Reason]:
    if needs.rto_seconds is not None:
        yield _within("rto", needs.rto_seconds, candidate.rto, candidate)
    server = needs.rto_seconds if needs.server_rto_seconds is None else needs.server_rto_seconds
    if server is not None and (
        needs.server_rto_seconds is not None or candidate.server_rto.worst > candidate.rto.worst
    ):
        yield _within("serverRto", server, candidate.server_rto, candidate)


def _rpo(needs: Needs, candidate: Candidate) -> Iterator[Reason]:
    if needs.rpo_seconds is not None:
        yield _within("rpo", needs.rpo_seconds, candidate.rpo, candidate)


def _sites(needs: Needs, candidate: Candidate) -> Iterator[Reason]:
    if needs.sites is not None:
        enough = needs.sites >= candidate.sites
        why = f"it stands in {candidate.sites} data center(s), there are {needs.sites}"
        verdict = Verdict.PASSES if enough else Verdict.FAILS
        yield Reason("sites", verdict, why, _source(candidate), None if enough else f"sites {candidate.sites}")


def _near(needs: Needs, candidate: Candidate) -> Iterator[Reason]:
    """Judge the link between the sites. Only an instance that spans two sites has requirements for it."""
    near = candidate.pattern.traits.spans_sites
    for requirement, found, limit, unit in (
        ("distanceKilometers", needs.distance_kilometers, MAXIMUM_DISTANCE_KILOMETERS, "km"),
        ("latencyMilliseconds", needs.latency_milliseconds, MAXIMUM_ROUND_TRIP_MILLISECONDS, "ms"),
    ):
        if not near:
            if found is not None:
                why = "any distance and any link will do" if candidate.sites > 1 else "there is no link between sites"
                yield Reason(requirement, Verdict.PASSES, why, _source(candidate))
        elif found is None:
            why = f"it needs less than {limit:g} {unit} between the sites, and nothing is known of it"
            yield Reason(requirement, Verdict.CONDITIONAL, why, _source(candidate), f"{requirement} below {limit:g}")
        else:
            passes = found < limit
            why = f"less than {limit:g} {unit} is allowed, found {found:g}"
            verdict = Verdict.PASSES if passes else Verdict.FAILS
            yield Reason(
                requirement, verdict, why, _source(candidate), None if passes else f"{requirement} below {limit:g}"
            )
    if near:
        why = "it needs dedicated fiber between the data centers"
        yield _demanded("dedicatedFiber", needs.dedicated_fiber, why, candidate)
    elif needs.dedicated_fiber is not None:
        yield Reason("dedicatedFiber", Verdict.PASSES, "it has no need of it", _source(candidate))


def _demanded(requirement: str, given: bool | None, why: str, candidate: Candidate) -> Reason:
    """Judge a prerequisite of a candidate; ``given`` None: the needs do not mention it."""
    verdict = {True: Verdict.PASSES, False: Verdict.FAILS, None: Verdict.CONDITIONAL}[given]
    unknown = ", and nothing is said of it" if given is None else ""
    relax_to = None if given else f"{requirement} true"
    return Reason(requirement, verdict, f"{why}{unknown}", _source(candidate), relax_to)


def _survival(needs: Needs, candidate: Candidate) -> Iterator[Reason]:
    for requirement, needed, what, why_not in (
        ("surviveSiteLoss", needs.survive_site_loss, "site", "all of it is in one data center"),
        (
            "surviveDisaster",
            needs.survive_disaster,
            "disaster",
            "its data centers are near each other, so that one disaster can take both: it is no disaster recovery"
            if candidate.sites > 1
            else "all of it is in one data center",
        ),
    ):
        if needed:
            passes = what in candidate.survives
            yield Reason(
                requirement,
                Verdict.PASSES if passes else Verdict.FAILS,
                "the other data center takes over" if passes else why_not,
                _source(candidate),
                None if passes else f"{requirement} false",
            )


def _work(needs: Needs, candidate: Candidate) -> Iterator[Reason]:
    if needs.manual_hours is not None:
        yield _hours(needs.manual_hours, candidate)
    for requirement, allowed, twins, others in (
        (
            "duplicateConfiguration",
            needs.duplicate_configuration,
            "every collector and piece of configuration is kept twice",
            "configuration is kept once",
        ),
        (
            "customIntegration",
            needs.custom_integration,
            "scripts of one's own keep events in step and incidents and runbooks single",
            "there is nothing between instances to be scripted",
        ),
    ):
        if candidate.active_active:
            yield _demanded(requirement, allowed, twins, candidate)
        elif allowed is not None:
            yield Reason(requirement, Verdict.PASSES, others, _source(candidate))


def _hours(objective: float, candidate: Candidate) -> Reason:
    figure = candidate.manual_hours
    why = f"{figure.best:g} to {figure.worst:g} hours of work for a failover, at most {objective:g} are tolerated"
    verdict = Verdict.PASSES
    if objective < figure.worst:
        verdict = Verdict.CONDITIONAL if objective >= figure.best else Verdict.FAILS
    relax_to = None if verdict is Verdict.PASSES else f"manualHours {figure.worst:g}"
    return Reason("manualHours", verdict, why, _source(candidate), relax_to)


def _ecosystem(needs: Needs, candidate: Candidate) -> Iterator[Reason]:
    twins = candidate.active_active
    if needs.existing_ucmdb:
        why = "the UCMDB is the system of record for its topology"
        if twins:
            why = "the UCMDB becomes the master of global ids of both instances"
        yield Reason("existingUcmdb", Verdict.PASSES, why, _source(candidate))
    for need, asked, of_twins, of_others in (
        ("supportedOnly", needs.supported_only, "not fully tested, documented or supported", "a documented solution"),
        (
            "equalMeasurements",
            needs.equal_measurements,
            "twin collectors do not measure at the same moment",
            "there is one set of measurements",
        ),
    ):
        if asked and twins:
            yield Reason(need, Verdict.FAILS, of_twins, _source(candidate), f"{need} false")
        elif asked:
            yield Reason(need, Verdict.PASSES, of_others, _source(candidate), None)


def _budget(allowed: int, nodes: int) -> Reason:
    passes = nodes <= allowed
    return Reason(
        "budgetNodes",
        Verdict.PASSES if passes else Verdict.FAILS,
        f"it has {nodes} nodes, {allowed} are allowed",
        "the topology that would be written",
        None if passes else f"budgetNodes {nodes}",
    )


_FIGURES = frozenset({"rto", "serverRto", "rpo", "manualHours"})
"""The requirements that are compared with a range."""

_CHECKS: tuple[Callable[[Needs, Candidate], Iterator[Reason]], ...] = (
    _rto,
    _rpo,
    _survival,
    _sites,
    _near,
    _work,
    _ecosystem,
)
