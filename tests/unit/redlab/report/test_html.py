import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from redlab.measure.record import DrillRecord
from redlab.measure.result import DrillResult
from redlab.report import html
from redlab.results.campaign import CampaignResult
from tests.support.unit.outcomes import CAMPAIGN, FAILED, NEVER, OUTCOMES, PASSED, RECORD, hostile

EXTERNAL = re.compile(r"https?:|\bsrc\s*=|@import|<link\b|<iframe\b|<object\b|url\((?!#)|href=\"(?!#)", re.IGNORECASE)


def page_of(outcome: DrillResult | CampaignResult, records: Sequence[DrillRecord] = ()) -> str:
    return html.page(outcome, html.timelines(outcome, records))


class Tags(HTMLParser):
    """The elements of a page, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)


def plain(page: str) -> str:
    """Return the text of a page without its plots, white space collapsed."""
    without_plots = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", without_plots))


@pytest.mark.parametrize("records", [(), (RECORD,)], ids=["without record", "with record"])
@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))
def test_nothing_is_loaded_from_elsewhere(outcome: DrillResult | CampaignResult, records: tuple[()]) -> None:
    page = page_of(outcome, records)
    assert EXTERNAL.findall(page) == []
    assert outcome.verdict in plain(page)


@pytest.mark.parametrize("bad", ["http://a.example", '<img src="x">', "@import 'a'", "url(x.png)", '<a href="x">'])
def test_the_search_for_external_references_finds_them(bad: str) -> None:
    assert EXTERNAL.search(bad)


def test_the_headline_holds_rto_and_rpo_against_objective_and_prediction() -> None:
    found = plain(page_of(FAILED))
    assert "RTO 2.050 s (objective 10.000 s, predicted at most 5.800 s); RPO 1 events (objective 0)" in found
    assert "1 acknowledged events lost, objective 0" in found


def test_the_prediction_is_derived_and_the_outages_are_listed() -> None:
    found = plain(page_of(PASSED))
    assert "takeover transaction 1.000 s" in found
    assert "sum 5.800 s" in found
    assert "user fault 0.000 s 2.010 s 20" in found


def test_single_operations_are_plotted_where_there_is_a_record() -> None:
    with_record, without = page_of(PASSED, [RECORD]), page_of(PASSED)
    # The legends are drawn as paths; the texts stand beside them as comments.
    assert "<!-- fail (20) -->" in with_record
    assert "<!-- fail (20) -->" not in without
    assert "<!-- detection 1.50 s -->" in without


def test_what_never_came_back_says_so() -> None:
    assert "RTO never" in plain(page_of(NEVER))


def test_a_campaign_shows_its_spread_and_every_run() -> None:
    page = page_of(CAMPAIGN)
    assert "<!-- 1 never -->" in page
    found = plain(page)
    assert "worst service 2.050 s never" in found
    assert "3 aborted – – – –" in found


def test_hostile_text_stays_text() -> None:
    page = page_of(hostile(), [RECORD])
    assert "<script" not in page
    assert set(Tags(page).names) <= {*Tags(page_of(FAILED, [RECORD])).names}
    assert "alert(1)" in plain(page)


def test_the_same_drill_gives_the_same_page() -> None:
    assert page_of(PASSED, [RECORD]) == page_of(PASSED, [RECORD])
