"""No other page can make the live view's server do anything, or read from it, in the browser that has the view open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from redlab.watch.server import KEY_HEADER, Server
from tests.support.browser.chromium import REBOUND
from tests.support.browser.complaints import Complaints
from tests.support.browser.fake_lab import Drills, FakeLab, served
from tests.support.browser.other_origin import serving

ATTEMPTS = """async ({target, header, body}) => {
  const outcomes = {};
  const attempt = async (name, path, options) => {
    try { const answer = await fetch(target + path, options); outcomes[name] = answer.type + " " + answer.status; }
    catch (error) { outcomes[name] = error.name; }
  };
  await attempt("simple post", "/api/drill", {method: "POST", mode: "no-cors", body});
  await attempt("post with cookies", "/api/heal", {method: "POST", mode: "no-cors", credentials: "include", body});
  await attempt("post with a guessed key", "/api/drill", {method: "POST", body, headers: {[header]: "guessed"}});
  await attempt("post of JSON", "/api/drill", {method: "POST", body, headers: {"Content-Type": "application/json"}});
  await attempt("reading", "/api/snapshot", {});
  outcomes.beacon = String(navigator.sendBeacon(target + "/api/drill", body));
  return outcomes;
}"""
FORMS = """({target, body}) => {
  for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const [form, frame, field] = ["form", "iframe", "input"].map((tag) => document.createElement(tag));
    frame.name = enctype;
    // As text/plain this is a JSON document: {"scenario": "gateway-crash", "x": "="}
    [field.name, field.value] = [body.slice(0, -1) + ', "x": "', '"}'];
    Object.assign(form, {method: "POST", action: target + "/api/drill", enctype, target: enctype});
    form.append(field);
    document.body.append(frame, form);
    form.submit();
  }
}"""
BODY = json.dumps({"scenario": "gateway-crash"})
OTHER_PAGE = '<!doctype html><title>prize</title><link rel="icon" href="data:,"><body>'


@pytest.fixture
def drills(tmp_path: Path) -> Drills:
    return Drills(tmp_path)


@pytest.fixture
def server(page: Page, drills: Drills) -> Iterator[Server]:
    """The live view's server; the view is open in the browser."""
    with served(FakeLab("ha"), drills) as made:
        page.goto(made.address)
        expect(page.locator(".node")).not_to_have_count(0)
        yield made


@pytest.fixture
def attacker(page: Page, server: Server) -> Iterator[Page]:
    """A page of another origin in the same browser."""
    with serving(OTHER_PAGE) as address:
        opened = page.context.new_page()
        opened.goto(address)
        yield opened
        opened.close()


def test_scripts_of_another_page(attacker: Page, server: Server, drills: Drills, complaints: Complaints) -> None:
    complaints.expect("401")
    complaints.expect("blocked by CORS policy")
    complaints.expect("ERR_FAILED")
    target = f"http://127.0.0.1:{server.server_port}"
    outcomes = attacker.evaluate(ATTEMPTS, {"target": target, "header": KEY_HEADER, "body": BODY})
    assert outcomes == {
        "simple post": "opaque 0",
        "post with cookies": "opaque 0",
        "post with a guessed key": "TypeError",
        "post of JSON": "TypeError",
        "reading": "TypeError",
        "beacon": "true",
    }
    assert drills.run is None


def test_forms_of_another_page(attacker: Page, server: Server, drills: Drills, complaints: Complaints) -> None:
    complaints.expect("401")
    # What the server answers is not even shown in a frame.
    complaints.expect("frame-ancestors")
    complaints.expect("ERR_BLOCKED_BY_RESPONSE")
    target = f"http://127.0.0.1:{server.server_port}"
    refused: list[int] = []
    attacker.on("response", lambda answer: refused.append(answer.status))
    attacker.evaluate(FORMS, {"target": target, "body": BODY})
    for _ in range(3 - len(refused)):
        attacker.wait_for_event("response")
    assert refused == [401, 401, 401]
    assert drills.run is None


def test_another_page_cannot_frame_the_view(attacker: Page, server: Server, complaints: Complaints) -> None:
    complaints.expect("frame-ancestors")
    complaints.expect("ERR_BLOCKED_BY_RESPONSE")
    with attacker.expect_console_message(lambda said: "frame-ancestors" in said.text):
        attacker.evaluate(
            "(source) => document.body.append(Object.assign(document.createElement('iframe'), {src: source}))",
            server.address,
        )
    expect(attacker.frame_locator("iframe").locator("#run")).to_have_count(0)


def test_a_name_that_was_rebound_to_this_machine(page: Page, server: Server, complaints: Complaints) -> None:
    complaints.expect("421")
    answer = page.goto(f"http://{REBOUND}:{server.server_port}/#{server.key}")
    assert answer is not None
    assert answer.status == 421
    status = page.evaluate(
        "async ([header, key]) => (await fetch('/api/snapshot', {headers: {[header]: key}})).status",
        [KEY_HEADER, server.key],
    )
    assert status == 421


def test_the_page_without_its_key(page: Page, server: Server, drills: Drills, complaints: Complaints) -> None:
    complaints.expect("401")
    page.goto("about:blank")
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    expect(page.get_by_role("alert")).to_contain_text("the address of the page lacks its key")
    expect(page.locator(".node")).to_have_count(0)
    assert page.evaluate("async () => (await fetch('/api/heal', {method: 'POST', body: '{}'})).status") == 401
    assert drills.run is None
