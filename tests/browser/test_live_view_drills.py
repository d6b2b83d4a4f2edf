"""A drill, and healing, from the live view with the keyboard alone: asked back, followed, and its verdict shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screenshot
from tests.support.browser.complaints import Complaints
from tests.support.browser.fake_lab import Drills, FakeLab, served
from tests.support.browser.keyboard import has_focus, tab_to


@pytest.fixture
def drills(page: Page, tmp_path: Path) -> Iterator[Drills]:
    """The drills of the lab whose page is open."""
    lab, made = FakeLab("ha"), Drills(tmp_path)
    with served(lab, made) as server:
        page.goto(server.address)
        expect(page.locator("#scenario option")).not_to_have_count(0)
        yield made


def choose(page: Page, scenario: str) -> None:
    select = page.get_by_label("Scenario")
    tab_to(select)
    page.keyboard.type(scenario)
    expect(select).to_have_value(scenario)


def ask_for(page: Page, button: str, question: str) -> None:
    tab_to(page.get_by_role("button", name=button))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(question)


def confirm(page: Page) -> None:
    yes = page.get_by_role("button", name="Go on")
    assert has_focus(page.get_by_role("button", name="Cancel")), "what does no harm has to be chosen at first"
    tab_to(yes)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_drill_is_run_and_watched(page: Page, drills: Drills, screenshot: Screenshot) -> None:
    choose(page, "gateway-hang")
    expect(page.locator("#what")).to_contain_text("gateway")
    choose(page, "gateway-crash")
    ask_for(page, "Run the drill", "Run gateway-crash? It disturbs who uses this lab.")
    confirm(page)
    outcome, timeline = page.get_by_role("status"), page.get_by_role("log", name="Timeline of the drill")
    expect(outcome).to_have_text("gateway-crash is running")
    expect(timeline.get_by_role("listitem").filter(has_text=re.compile(r"\d s\s+fault: crash of gw1"))).to_be_visible()
    clock = page.locator("#clock")
    expect(clock).to_have_text(re.compile(r"^[1-9]\d*\.\d s since the fault$"))
    expect(page.locator("#objective")).to_have_text("objective: RTO 10 s, RPO 0 events")
    expect(page.get_by_role("progressbar")).to_be_visible()
    screenshot("running")
    drills.recover()
    expect(outcome).to_have_text(
        "gateway-crash passed: RTO 1.25 s (objective 10 s, predicted at most 2.50 s), 0 of 500 events lost"
    )
    expect(timeline.get_by_role("listitem")).to_have_count(5)
    expect(timeline.get_by_role("listitem").last).to_contain_text("healing")
    tab_to(timeline)


def test_while_a_drill_runs_no_other_begins_and_the_focus_stays(page: Page, drills: Drills) -> None:
    choose(page, "gateway-crash")
    ask_for(page, "Run the drill", "gateway-crash")
    confirm(page)
    run = page.get_by_role("button", name="Run the drill")
    expect(run).to_be_disabled()
    assert has_focus(run)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    drills.recover()
    expect(run).to_be_enabled()
    assert has_focus(run)


@pytest.mark.parametrize("key", ["Escape", "Enter"])  # Enter: on what is chosen at first
@pytest.mark.parametrize("button", ["Run the drill", "Heal the lab"])
def test_nothing_is_done_when_the_question_is_answered_with_no(
    page: Page, drills: Drills, key: str, button: str
) -> None:
    ask_for(page, button, "?")
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert has_focus(page.get_by_role("button", name=button))
    # A look later there is still nothing that runs.
    with page.expect_response("**/api/snapshot") as answer:
        pass
    assert answer.value.json()["drill"] is None
    assert drills.run is None


def test_the_lab_is_healed(page: Page, drills: Drills) -> None:
    ask_for(page, "Heal the lab", "Whatever is broken on purpose ends now.")
    confirm(page)
    expect(page.get_by_role("status")).to_have_text("heal is done")
    expect(page.get_by_role("log")).to_contain_text("nothing was broken")


def test_what_another_window_has_begun_is_not_begun_twice(page: Page, drills: Drills, complaints: Complaints) -> None:
    complaints.expect("409")
    ask_for(page, "Heal the lab", "?")
    drills.start("gateway-crash")
    confirm(page)
    expect(page.get_by_role("status")).to_have_text(re.compile("gateway-crash is running"))
    drills.recover()
    expect(page.get_by_role("status")).to_contain_text("gateway-crash passed")
