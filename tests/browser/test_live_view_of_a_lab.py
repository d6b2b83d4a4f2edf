"""The live view of a lab that stands: `redlab watch` as a person runs it, and a real drill from its page."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from redlab.control.lab import Laboratory
from redlab.stack import checkout
from redlab.waiting import until
from tests.browser.conftest import Screenshot
from tests.support.browser.keyboard import tab_to

pytestmark = [pytest.mark.pulumi, pytest.mark.measures]
SAYS_SECONDS = 60
DRILL_MILLISECONDS = 180_000
ENDS_SECONDS = 30


@pytest.fixture
def address(ha_lab: Laboratory) -> Iterator[str]:
    """The address that `redlab watch` says."""
    said: list[str] = []
    command = ["./redlab", "watch", ha_lab.inventory.lab]
    with subprocess.Popen(command, cwd=checkout.ROOT, stdout=subprocess.PIPE, text=True) as process:
        threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True).start()
        try:
            found = until(lambda: re.search(r"open (http://127\.0\.0\.1:\d+/#\S+)", "".join(said)), SAYS_SECONDS)
            assert found, said
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(ENDS_SECONDS) == 0
            finally:
                process.kill()  # or leaving the block would wait for ever


def test_a_gateway_crash_from_the_page(page: Page, address: str, ha_lab: Laboratory, screenshot: Screenshot) -> None:
    page.goto(address)
    expect(page.locator(".node")).to_have_count(len(ha_lab.inventory.nodes))
    expect(page.locator(".node.bad, .node.wait")).to_have_count(0)
    expect(page.locator(".node.serves")).to_have_count(1)
    select = page.get_by_label("Scenario")
    tab_to(select)
    page.keyboard.type("gateway-crash")
    expect(select).to_have_value("gateway-crash")
    tab_to(page.get_by_role("button", name="Run the drill"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_role("button", name="Go on"))
    page.keyboard.press("Enter")
    # The page goes on while the node is down, and shows it.
    page.locator(".node.bad").filter(has_text=re.compile(r"gw\d")).wait_for(timeout=DRILL_MILLISECONDS)
    screenshot("running")
    expect(page.locator("#clock")).to_contain_text(re.compile(r"\d s (since|from) the fault"))
    expect(page.get_by_role("log")).to_contain_text("fault: crash of gw")
    outcome = page.get_by_role("status")
    expect(outcome).to_contain_text("gateway-crash passed: RTO", timeout=DRILL_MILLISECONDS)
    expect(outcome).to_contain_text(re.compile(r"\b0 of [1-9]\d{2,} events lost"))
    expect(page.locator(".node.bad, .node.wait")).to_have_count(0)
