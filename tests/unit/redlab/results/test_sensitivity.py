"""From drills at several links and loads to a table and its plots."""

from dataclasses import replace

import pytest

from redlab.measure.analysis import analyse
from redlab.report import sensitivity
from redlab.results.campaign import summarise
from redlab.results.sensitivity import cell
from tests.support.unit.samples import record


def test_a_cell_has_median_and_worst() -> None:
    good = record()
    lossy = analyse(replace(good, events=tuple(e for e in good.events if e.seq != 70)))
    found = cell(20, 50, summarise([analyse(good), analyse(good), lossy]))
    assert (found.runs, found.passed) == (3, 2)
    assert (found.lost_events_median, found.lost_events_worst) == (0, 1)
    assert found.oldest_lost_seconds is not None
    measured = analyse(good).measured
    assert measured is not None
    assert found.rto_worst_seconds == pytest.approx(measured.rto_seconds)


def test_what_was_aborted_has_no_figures() -> None:
    good = record()
    aborted = analyse(replace(good, fault=replace(good.fault, landed=False)))
    found = cell(0, 50, summarise([aborted]))
    assert (found.passed, found.rto_worst_seconds, found.lost_events_worst) == (0, None, None)
    assert sensitivity.rows([found])[0][2:7] == ("0 of 1", "–", "–", "–", "–")


def test_the_page_has_both_plots_and_every_cell() -> None:
    campaign = summarise([analyse(record())])
    cells = [cell(trip, load, campaign) for trip in (0, 100) for load in (50, 200)]
    page = sensitivity.page("<dr>", "production-loss", cells)
    assert page.count("<svg") == 1
    assert "50 events/s" in page
    assert "200 events/s" in page
    assert "&lt;dr&gt;" in page
    assert '<td class="n">100 ms</td>' in page
