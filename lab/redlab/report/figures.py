"""The figures that all reports show, with their labels."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from redlab.measure.measured import KindCounts
from redundancy.model import said_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redlab.measure.measured import Measured
    from redlab.measure.phases import Timeline
    from redlab.measure.result import DrillResult
    from redlab.measure.said import Said
    from redlab.results.campaign import CampaignResult

NONE = "–"
"""The text for a missing figure."""


def seconds(value: float | None, *, none: str = "never") -> str:
    """Format a time to the millisecond; `none`: the text for None."""
    return none if value is None else f"{value:.3f} s"


@dataclass(frozen=True, slots=True)
class RecoveryFigure:
    """A service's measured recovery time, objective and predicted bound; measured None: never recovered."""

    service: str
    measured_seconds: float | None
    objective_seconds: float
    predicted_seconds: float

    @property
    def within_objective(self) -> bool:
        """Whether the recovery time met the objective."""
        return self.measured_seconds is not None and self.measured_seconds <= self.objective_seconds

    @property
    def within_prediction(self) -> bool:
        """Whether the recovery time was within the predicted bound."""
        return self.measured_seconds is not None and self.measured_seconds <= self.predicted_seconds


def recovery_figures(result: DrillResult) -> tuple[RecoveryFigure, ...]:
    """Return the recovery of the pattern (the worst service's) and of each service; empty without measurement."""
    measured = result.measured
    if measured is None:
        return ()
    objective = result.objectives.rto_seconds
    bounds = {bound.service: bound.rto_seconds for bound in result.predicted.services}
    return (
        RecoveryFigure("worst service", measured.rto_seconds, objective, result.predicted.rto_seconds),
        *(
            RecoveryFigure(service, value, objective, bounds.get(service, result.predicted.rto_seconds))
            for service, value in service_recoveries(measured)
        ),
    )


def service_recoveries(measured: Measured) -> tuple[tuple[str, float | None], ...]:
    """Return each service with its recovery time."""
    return (
        ("collection", measured.collection_rto_seconds),
        ("user", measured.user_rto_seconds),
        ("processing", measured.processing_rto_seconds),
    )


@dataclass(frozen=True, slots=True)
class EventFigure:
    """A count of events. `wrong`: the count exceeds the allowed number (usually 0)."""

    name: str
    events: int
    meaning: str
    wrong: bool = False


def event_figures(result: DrillResult) -> tuple[EventFigure, ...]:
    """Return the counts of the load's events; empty without measurement."""
    allowed = {"lost_events": result.objectives.rpo_events}
    return tuple(
        EventFigure(told.label, value, told.meaning, wrong=told.wrong and value > allowed.get(name, 0))
        for name, told, value in _listed(result.measured)
        if isinstance(value, int)
    )


@dataclass(frozen=True, slots=True)
class DurationFigure:
    """A measured time, formatted."""

    name: str
    shown: str


def duration_figures(result: DrillResult) -> tuple[DurationFigure, ...]:
    """Return the listed times that are not in the table of recovery times; empty without measurement."""
    return tuple(
        DurationFigure(told.label, seconds(value, none=told.none))
        for name, told, value in _listed(result.measured)
        if name.endswith("_seconds")
    )


def _listed(model: Measured | KindCounts | None) -> Iterator[tuple[str, Said, Any]]:
    """Yield each field with a label: its name, its metadata and its value."""
    for field in fields(model) if model else ():
        if (told := said_of(field)).label:
            yield field.name, told, getattr(model, field.name)


KIND_HEADINGS = ("data", *(told.label for field in fields(KindCounts) if (told := said_of(field)).label))


@dataclass(frozen=True, slots=True)
class KindFigure:
    """The counts of one kind of items, in the order of the headings. `wrong`: a count exceeds the allowed number."""

    name: str
    counts: tuple[int, ...]
    wrong: bool


def kind_figures(result: DrillResult) -> tuple[KindFigure, ...]:
    """Return the counts of each kind that the load sent; empty if it sent only events."""
    kinds = result.measured.kinds if result.measured else ()
    return tuple(_kind(one, result.objectives.rpo_events) for one in (kinds if len(kinds) > 1 else ()))


def _kind(counts: KindCounts, lost_allowed: int) -> KindFigure:
    listed = list(_listed(counts))
    wrong = any(told.wrong and value > (lost_allowed if name == "lost" else 0) for name, told, value in listed)
    name = {"event": "events", "metric": "metrics"}.get(counts.kind, counts.kind)
    return KindFigure(name, tuple(value for _, _, value in listed), wrong)


def exchange_figures(result: DrillResult) -> tuple[EventFigure, ...]:
    """Return the figures of the event exchange; empty without active-active instances."""
    e = result.exchange
    if e is None:
        return ()
    again, missing = e.duplicate_incidents + e.duplicate_runs, e.missing_incidents + e.missing_runs
    return (
        EventFigure("distinct events", e.distinct_events, f"{e.twin_events} of them seen by both instances"),
        EventFigure("incidents", e.incidents, "in Service Manager"),
        EventFigure("runs", e.runs, "of runbooks, in Operations Orchestration"),
        EventFigure("duplicate", again, "actions beyond the first for one event", wrong=again > 0),
        EventFigure("missing", missing, "actions that events lack", wrong=missing > 0),
        EventFigure(
            "unequal", e.unequal_events, "events that differ between the instances", wrong=e.unequal_events > 0
        ),
        EventFigure("taken over", e.taken_over_events, "events whose owner was silent for too long"),
        EventFigure("disconnected", e.ended_sessions, f"of {e.sessions} users who were logged in"),
    )


def other_sentences(result: DrillResult) -> tuple[str, ...]:
    """Return a sentence about the data outside the drill's load; empty if it was not read."""
    found = result.other_data
    if found is None:
        return ()
    return (
        f"outside the load: {found.held} events waited in the gateways at the start, {found.acknowledged} were "
        f"acknowledged to other collectors since; {found.lost} of them lost",
    )


def images_tested(result: DrillResult) -> tuple[tuple[str, str], ...]:
    """Return each image ID with the names of the nodes that ran it."""
    return tuple(
        (image, ", ".join(node for node, its in result.images.items() if its == image))
        for image in dict.fromkeys(result.images.values())
    )


def instants(timeline: Timeline) -> tuple[tuple[str, float], ...]:
    """Return the observed instants in seconds since the fault, in chronological order."""
    observed = [(said_of(field).label, getattr(timeline, field.name)) for field in fields(timeline)]
    return tuple(
        sorted(((name, at - timeline.fault_at) for name, at in observed if at is not None), key=lambda item: item[1])
    )


@dataclass(frozen=True, slots=True)
class SpreadFigure:
    """Median and worst recovery time of a service over a campaign's runs, formatted."""

    service: str
    median: str
    worst: str


def spread_figures(campaign: CampaignResult) -> tuple[SpreadFigure, ...]:
    """Return each service's median and worst; a dash if all runs were aborted."""
    none = "never" if campaign.passed + campaign.failed else NONE
    return tuple(
        SpreadFigure(name, seconds(spread.median_seconds, none=none), seconds(spread.worst_seconds, none=none))
        for name, spread in (
            ("worst service", campaign.rto),
            ("collection", campaign.collection_rto),
            ("user", campaign.user_rto),
            ("processing", campaign.processing_rto),
        )
    )


def loss_rate_sentence(campaign: CampaignResult) -> str:
    """Return a sentence on what the campaign proves about data loss."""
    counted = campaign.passed + campaign.failed
    runs = _counted(counted, "run")
    if campaign.loss_rate_bound is None:
        return f"{_counted(campaign.lost_events, 'event')} lost in {runs}" if counted else "every run was aborted"
    if campaign.loss_rate_bound >= 1:
        return f"no event lost in {runs}, too few for a bound on the loss rate"
    return (
        f"no event lost in {runs}: with 95 % confidence, data is lost in at most "
        f"{campaign.loss_rate_bound:.0%} of such faults"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
