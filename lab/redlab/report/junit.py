"""Rendering results as JUnit XML for CI systems: one test suite per campaign, one test case per run."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from redlab.results.campaign import CampaignResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redlab.measure.result import DrillResult

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (section 2.2) forbids, even as a character reference."""


def render(*outcomes: DrillResult | CampaignResult) -> str:
    """Return the XML: `failed` is a failure, `aborted` an error, with the reasons; the figures are properties."""
    suites = [(f"redlab drill {outcome.stack} {outcome.scenario}", outcome, _runs(outcome)) for outcome in outcomes]
    name = suites[0][0] if len(suites) == 1 else "redlab datasheet"
    root = _element(None, "testsuites", {"name": name, **_counts([run for _, _, runs in suites for run in runs])})
    for suite_name, outcome, runs in suites:
        attributes = {"name": suite_name, **_counts(runs), "skipped": "0", "timestamp": runs[0].started_at}
        suite = _element(root, "testsuite", attributes)
        if isinstance(outcome, CampaignResult):
            _properties(suite, _campaign_figures(outcome))
        for number, run in enumerate(runs, start=1):
            _case(suite, run, f"{run.scenario} run {number}" if len(runs) > 1 else run.scenario)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _runs(outcome: DrillResult | CampaignResult) -> tuple[DrillResult, ...]:
    return outcome.runs if isinstance(outcome, CampaignResult) else (outcome,)


def _counts(runs: Sequence[DrillResult]) -> dict[str, str]:
    verdicts = [run.verdict for run in runs]
    return {
        "tests": str(len(runs)),
        "failures": str(verdicts.count("failed")),
        "errors": str(verdicts.count("aborted")),
        "time": f"{sum(_duration_seconds(run) for run in runs):.3f}",
    }


def _case(suite: ET.Element, run: DrillResult, name: str) -> None:
    case = _element(
        suite,
        "testcase",
        {"classname": f"redlab.{run.pattern}.{run.stack}", "name": name, "time": f"{_duration_seconds(run):.3f}"},
    )
    _properties(case, _drill_figures(run))
    if run.verdict != "passed":
        kind = "failure" if run.verdict == "failed" else "error"
        _element(case, kind, {"type": run.verdict, "message": "; ".join(run.reasons)}, "\n".join(run.reasons))
    if run.warnings:
        _element(case, "system-out", {}, "\n".join(run.warnings))


def _drill_figures(run: DrillResult) -> list[tuple[str, object]]:
    figures: list[tuple[str, object]] = [
        ("drill_id", run.drill_id),
        ("objective_rto_seconds", run.objectives.rto_seconds),
        ("objective_rpo_events", run.objectives.rpo_events),
        ("predicted_rto_seconds", run.predicted.rto_seconds),
        ("within_prediction", run.within_prediction),
        ("fault", f"{run.fault.kind} of {run.fault.target}"),
    ]
    if run.measured is not None:
        measured = asdict(run.measured)
        kinds = measured.pop("kinds")
        figures += measured.items()
        figures += [
            (f"{kind['kind']}_{name}", count) for kind in kinds for name, count in kind.items() if name != "kind"
        ]
    figures += [(f"phase_{phase.name.replace(' ', '_')}_seconds", phase.seconds) for phase in run.phases]
    return figures


def _campaign_figures(campaign: CampaignResult) -> list[tuple[str, object]]:
    figures: list[tuple[str, object]] = []
    for name in ("rto", "collection_rto", "user_rto", "processing_rto"):
        spread = getattr(campaign, name)
        figures += [(f"{name}_median_seconds", spread.median_seconds), (f"{name}_worst_seconds", spread.worst_seconds)]
    figures += [
        (name, getattr(campaign, name))
        for name in ("acknowledged_events", "lost_events", "duplicate_events", "dual_primary_seconds")
    ]
    return [*figures, ("loss_rate_bound", campaign.loss_rate_bound), ("within_prediction", campaign.within_prediction)]


def _duration_seconds(run: DrillResult) -> float:
    """Return how long the load ran, the only duration of a drill in its result; 0 without a load."""
    timeline = run.timeline
    if timeline is None or timeline.load_started_at is None or timeline.load_ended_at is None:
        return 0.0
    return timeline.load_ended_at - timeline.load_started_at


def _properties(parent: ET.Element, figures: Iterable[tuple[str, object]]) -> None:
    """Add the figures as properties. None is omitted: an empty value could be read as 0."""
    properties = _element(parent, "properties", {})
    for name, value in figures:
        if value is not None:
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            _element(properties, "property", {"name": name, "value": shown})


def _element(parent: ET.Element | None, tag: str, attributes: dict[str, str], text: str = "") -> ET.Element:
    clean = {name: _clean(value) for name, value in attributes.items()}
    element = ET.Element(tag, clean) if parent is None else ET.SubElement(parent, tag, clean)
    if text:
        element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
