"""A field of the model is shown by every report, by what the model says of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import pytest

from redlab.measure.measured import KindCounts, Measured
from redlab.measure.phases import Timeline
from redlab.measure.result import DrillResult
from redlab.measure.said import said
from redlab.report import html, junit, text
from redlab.report.figures import KIND_HEADINGS, event_figures, instants, kind_figures
from tests.support.unit.outcomes import PASSED


@dataclass(frozen=True, slots=True)
class More(Measured):
    """A model with two fields more."""

    stale_seconds: float | None = field(default=1.25, metadata=said("How long answers were old.", label="stale for"))
    torn_events: int = field(
        default=3, metadata=said("Stored in part.", label="torn", meaning="stored in part", wrong=True)
    )


def with_more() -> DrillResult:
    measured = PASSED.measured
    assert measured is not None
    return replace(PASSED, measured=More(**{one.name: getattr(measured, one.name) for one in fields(Measured)}))


def test_a_new_field_is_in_every_report(capsys: pytest.CaptureFixture[str]) -> None:
    result = with_more()
    text.show(result)
    shown = capsys.readouterr().out
    page = html.page(result, html.timelines(result))
    assert "stale for: 1.250 s" in shown
    assert '<td>stale for</td><td class="n">1.250 s</td>' in page
    assert "stored in part" in shown
    assert '<td>torn</td><td class="n wrong">3</td><td>stored in part</td>' in page
    assert '<property name="stale_seconds" value="1.25" />' in junit.render(result)


def test_events_are_listed_in_the_order_of_the_model_and_a_loss_is_held_against_its_objective() -> None:
    measured = PASSED.measured
    assert measured is not None
    lossy = replace(
        PASSED,
        measured=replace(measured, lost_events=5, never_sent_events=1),
        objectives=replace(PASSED.objectives, rpo_events=5),
    )
    assert [(one.name, one.wrong) for one in event_figures(lossy)] == [
        ("acknowledged", False),
        ("stored", False),
        ("recovered", False),
        ("lost", False),
        ("duplicate", False),
        ("never sent", True),
        ("refused but present", False),
        ("unknown but present", False),
    ]
    (lost,) = (one for one in event_figures(replace(lossy, objectives=PASSED.objectives)) if one.name == "lost")
    assert lost.wrong


def test_every_instant_has_a_label_of_its_own() -> None:
    every = Timeline(**{one.name: float(number) for number, one in enumerate(fields(Timeline))})
    labels = [label for label, _ in instants(every)]
    assert len(labels) == len(set(labels)) == len(fields(Timeline))
    assert "" not in labels


@pytest.mark.parametrize(
    ("changes", "wrong"), [({}, False), ({"lost": 5}, False), ({"lost": 6}, True), ({"never_sent": 1}, True)]
)
def test_a_kind_has_a_count_for_each_heading_and_is_wrong_where_one_of_them_is(
    changes: dict[str, int], *, wrong: bool
) -> None:
    measured = PASSED.measured
    assert measured is not None
    event = KindCounts("event", 1, 2, 3, 0, 0, 7, 8, 0)
    result = replace(
        PASSED,
        measured=replace(measured, kinds=(replace(event, **changes), KindCounts("metric", *[0] * 8))),
        objectives=replace(PASSED.objectives, rpo_events=5),
    )
    events, metrics = kind_figures(result)
    assert KIND_HEADINGS == ("data", "acknowledged", "stored", "recovered", "lost", "duplicate", "never sent")
    assert (events.name, events.counts[:3], events.wrong) == ("events", (1, 2, 3), wrong)
    assert (metrics.name, metrics.counts, metrics.wrong) == ("metrics", (0,) * 6, False)
