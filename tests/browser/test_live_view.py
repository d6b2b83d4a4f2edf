"""The live view in a browser, of labs without an engine: what it draws, and what it shows when things are down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from redlab.watch.server import Server
from redlab.watch.snapshot import Fault
from tests.support.browser.complaints import Complaints
from tests.support.browser.fake_lab import LABS, Drills, FakeLab, served

# How many of the boxes given by a selector overlap another one or stick out of the drawing.
MISPLACED = """(svg, selector) => {
  const place = (one) => one.getBoundingClientRect(), all = place(svg);
  const boxes = [...svg.querySelectorAll(selector)].map(place);
  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const out = (a) => a.left < all.left || a.right > all.right || a.top < all.top || a.bottom > all.bottom;
  return boxes.filter((a, at) => out(a) || boxes.some((b, other) => other > at && overlap(a, b))).length;
}"""
Watch = Callable[[FakeLab], Server]


@pytest.fixture
def watch(page: Page, tmp_path: Path) -> Iterator[Watch]:
    """Opens the page of a lab."""
    with ExitStack() as stack:

        def opened(lab: FakeLab) -> Server:
            server = stack.enter_context(served(lab, Drills(tmp_path)))
            page.goto(server.address)
            expect(page.locator(".node")).to_have_count(len(lab.now.nodes))
            return server

        yield opened


def node(page: Page, name: str) -> Locator:
    return page.locator(".node").filter(has=page.get_by_text(name, exact=True))


@pytest.mark.parametrize("stack", LABS)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 380)])
def test_every_pattern_is_drawn(page: Page, watch: Watch, stack: str, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    lab = FakeLab(stack)
    watch(lab)
    for one in lab.now.nodes:
        expect(node(page, one.name) if width > 1000 else page.locator(".node")).not_to_have_count(0)
    places = {one.site for one in lab.now.nodes}
    expect(page.locator(".place")).to_have_count(len(places))
    expect(page.locator(".link")).to_have_count(len(lab.now.links))
    expect(page.locator(".link.busy")).to_have_count(len(lab.now.links))
    drawing = page.locator("#drawing")
    for selector in (".place > rect", ".node > rect", ".link rect"):
        assert drawing.evaluate(MISPLACED, selector) == 0, selector
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_active_site_and_who_has_the_services_stand_out(page: Page, watch: Watch) -> None:
    lab = FakeLab("dr")
    watch(lab)
    active = page.locator(".place.active")
    expect(active).to_contain_text("dc1 ★ serves the users")
    expect(page.locator(".users")).to_contain_text("users go to dc1")
    expect(page.locator(".node.serves")).to_contain_text("has the services")
    lab.now = replace(lab.now, active_site="dc2")
    expect(active).to_contain_text("dc2 ★ serves the users")
    lab.now = replace(lab.now, active_site="nearest")
    expect(page.locator(".users")).to_have_count(2)
    lab.now = replace(lab.now, active_site=None)
    expect(page.locator(".users")).to_have_count(0)


def test_traffic_and_lag(page: Page, watch: Watch) -> None:
    watch(FakeLab("dr"))
    expect(page.locator(".link")).to_contain_text(re.compile(r"20 ms.*2[34]\d\.\d kB/s"))
    expect(node(page, "dc2-db1")).to_contain_text("standby, 0.42 s behind")


@pytest.mark.parametrize(
    ("state", "kind"),
    [("starting", "wait"), ("unhealthy", "bad"), ("paused", "bad"), ("stopped", "bad"), ("missing", "bad")],
)
def test_a_node_that_is_down_is_shown_and_the_page_goes_on(page: Page, watch: Watch, state: str, kind: str) -> None:
    lab = FakeLab("ha")
    watch(lab)
    # Its shape tells a state, too, and so do words: colour is not needed.
    drawn = node(page, "gw1")
    icon = drawn.locator(".icon")
    well = icon.inner_html()
    lab.put("gw1", state)
    lab.now = replace(lab.now, queues=tuple(replace(one, pending_events=None) for one in lab.now.queues))
    expect(drawn).to_have_class(re.compile(rf"\b{kind}\b.*\bis-{state}\b"))
    expect(drawn.locator(".state")).to_have_text(state)
    assert icon.inner_html() != well
    expect(page.locator("#drawing")).to_have_accessible_description(re.compile(f"dc1: gw1 {state}"))
    lab.put("gw1", "healthy")
    lab.put("dps1", "stopped")
    expect(node(page, "dps1")).to_have_class(re.compile(r"\bbad\b"))
    expect(drawn).to_have_class(re.compile(r"\bgood\b"))
    assert icon.inner_html() == well
    expect(page.locator("#problem")).to_be_empty()


def test_what_is_broken_on_purpose_is_said(page: Page, watch: Watch) -> None:
    lab = FakeLab("ha")
    lab.now = replace(lab.now, faults=(Fault("hang", "gw2", 25.0),))
    watch(lab)
    expect(node(page, "gw2").locator("title")).to_contain_text("hang on purpose, 25 s more at most")


def test_a_cut_link_looks_cut(page: Page, watch: Watch) -> None:
    lab = FakeLab("distributed-ha")
    watch(lab)
    lab.cut("dc1-dc2")
    cut = page.locator(".link.cut")
    expect(cut).to_have_count(1)
    expect(cut).to_contain_text("✕ CUT")
    expect(cut).to_contain_text("both ways")
    expect(page.locator(".link.busy")).to_have_count(2)


def test_a_router_that_does_not_answer_is_shown(page: Page, watch: Watch) -> None:
    lab = FakeLab("dr")
    lab.now = replace(lab.now, links=tuple(replace(one, round_trip_milliseconds=None) for one in lab.now.links))
    watch(lab)
    expect(page.locator(".link.unknown")).to_contain_text("no answer")


def test_the_same_in_words_for_who_does_not_see_it(page: Page, watch: Watch) -> None:
    lab = FakeLab("dr")
    lab.put("dc1-gw1", "stopped")
    lab.cut("dc1-dc2")
    watch(lab)
    drawing = page.get_by_role("img", name="Sites, links and nodes")
    expect(drawing).to_have_accessible_description(
        "dc1, which serves the users: dc1-gw1 stopped. dc2: all well. access: all well. "
        "link dc1-dc2: dc1 to dc2 cut, dc2 to dc1 cut."
    )
    words = page.get_by_role("group").filter(has_text="The same in words")
    words.locator("summary").press("Enter")
    expect(words.get_by_role("heading", name="dc1 · serves the users")).to_be_visible()
    expect(words.get_by_role("listitem").filter(has_text="dc1-gw1 stopped")).to_be_visible()
    expect(page.locator("#links")).to_contain_text("dc1 – dc2: 20 ms round trip")


def test_a_lab_that_does_not_answer_is_said_and_what_was_seen_last_stays(
    page: Page, watch: Watch, complaints: Complaints
) -> None:
    complaints.expect("503")
    lab = FakeLab("ha")
    watch(lab)
    lab.silent = True
    expect(page.get_by_role("alert")).to_have_text("the Docker engine does not answer")
    expect(page.locator("body")).to_have_class("stale")
    expect(page.locator(".node")).to_have_count(len(lab.now.nodes))
    lab.silent = False
    expect(page.locator("#problem")).to_be_empty()
    expect(page.locator("body")).to_have_class("")


def test_a_server_that_went_away_is_said_and_the_page_recovers(
    page: Page, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expect("net::ERR_(CONNECTION|EMPTY)_")
    lab, drills = FakeLab("ha"), Drills(tmp_path)
    with served(lab, drills) as first:
        port, key = first.server_port, first.key
        page.goto(first.address)
        expect(page.locator(".node")).not_to_have_count(0)
    expect(page.get_by_role("alert")).to_have_text("redlab watch does not answer; asking again …")
    lab.put("gw1", "stopped")
    with served(lab, drills, port, key):
        expect(node(page, "gw1").locator(".state")).to_have_text("stopped")
        expect(page.locator("#problem")).to_be_empty()
