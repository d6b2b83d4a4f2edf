"""System Health in a browser: log in, see every node, move the services, by the keyboard alone and with nodes down."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from redlab.control.lab import Laboratory
from redlab.faults import healing, node_fault, residue
from redlab.probes.node_state import all_ready
from redlab.waiting import until
from tests.browser.conftest import Screenshot
from tests.support.browser.complaints import Complaints
from tests.support.browser.keyboard import tab_to
from tests.support.browser.other_origin import serving

pytestmark = pytest.mark.pulumi

LASTS_SECONDS = 120
"""A fault of a test is healed by the test; this is for the case that it is killed."""
REFUSED = r"console: Failed to load resource.*(40[13]|429)"

ATTACK = """<!doctype html><title>another page</title><form method="post" enctype="text/plain"
 action="{url}/management/v1/services/reassign"><input name='{{"to": "{server}", "x": "' value='"}}'></form>
<script>
const to = JSON.stringify({{ to: "{server}" }}), url = "{url}/management/v1/services/reassign";
const tried = [fetch(url, {{ method: "POST", mode: "no-cors", credentials: "include", body: to }}),
  fetch(url, {{ method: "POST", headers: {{ Authorization: "Bearer guessed" }}, body: to }})];
Promise.allSettled(tried).then(() => document.forms[0].submit());
</script>"""


@pytest.fixture
def url(ha_lab: Laboratory) -> Iterator[str]:
    """Where the users' virtual IP is published; afterwards the lab is as it was."""
    management = ha_lab.management
    before = management.health()
    yield ha_lab.inventory.urls["management"][0]
    residue.heal(ha_lab)
    management.set_automatic_failover(before.automatic_failover)
    assert before.services.active
    management.reassign(before.services.active)
    assert until(lambda: management.reachable_services().active == before.services.active, 20)


def log_in(page: Page, url: str, password: str) -> None:
    page.goto(f"{url}/system-health")
    expect(page.get_by_label("Administrator's password")).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def assign(page: Page, server: str) -> None:
    """Move the services, and say in the dialog that it is meant, by the keyboard."""
    tab_to(page.get_by_role("button", name=f"Assign services to {server} …"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Assign the services to {server}? Users are not served")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def other(lab: Laboratory, server: str | None) -> str:
    return next(node.name for node in lab.inventory.of_role("dataProcessingServer") if node.name != server)


def test_who_logs_in_sees_every_node(ha_lab: Laboratory, url: str, page: Page, screenshot: Screenshot) -> None:
    log_in(page, url, ha_lab.management.token)
    expect(page.get_by_role("status")).to_have_text("live")
    for role in ("gateway", "dataProcessingServer"):
        for node in ha_lab.inventory.of_role(role):
            expect(page.get_by_role("row", name=node.name)).to_be_visible()
    expect(page.locator("#state")).to_have_text("active")
    expect(page.locator("#database")).to_have_text("ready")
    screenshot("light")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 420, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot("dark-and-narrow")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("live")
    tab_to(page.get_by_role("button", name="Log out"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Administrator's password")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Administrator's password")).to_be_visible()


def test_a_wrong_password_shows_nothing(url: str, page: Page, complaints: Complaints) -> None:
    complaints.expect(REFUSED)
    log_in(page, url, "wrong")
    # Behind the published port all clients look alike: another test may have guessed before.
    expect(page.locator("#problem")).to_have_text(re.compile("^wrong password"))
    expect(page.locator("#health")).to_be_hidden()


def test_services_are_reassigned_by_the_keyboard(ha_lab: Laboratory, url: str, page: Page) -> None:
    services = ha_lab.management.health().services
    target = other(ha_lab, services.active)
    log_in(page, url, ha_lab.management.token)
    tab_to(page.get_by_role("button", name=f"Assign services to {target} …"))
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert ha_lab.management.health().services.epoch == services.epoch
    assign(page, target)
    expect(page.locator("#active")).to_have_text(target)
    assert ha_lab.management.health().services.active == target
    expect(page.get_by_role("button", name=f"Assign services to {target} …")).to_be_disabled()


def test_automatic_failover_is_switched_by_the_keyboard(ha_lab: Laboratory, url: str, page: Page) -> None:
    log_in(page, url, ha_lab.management.token)
    for expected, shown in ((True, "on"), (False, "off")):
        tab_to(page.get_by_role("switch", name="Automatic failover"))
        page.keyboard.press("Space")
        expect(page.get_by_role("switch")).to_have_text(shown)
        assert ha_lab.management.health().automatic_failover is expected


def test_an_administrator_adds_changes_and_deletes_an_alert_and_sees_it_fire(
    ha_lab: Laboratory, url: str, page: Page, complaints: Complaints, screenshot: Screenshot
) -> None:
    complaints.expect(r"console: Failed to load resource.*400")
    name, collector = f"failed-{uuid.uuid4().hex[:8]}", f"page-{uuid.uuid4().hex[:8]}"
    log_in(page, url, ha_lab.management.token)
    page.get_by_role("button", name="Add to the configuration …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Content").fill('{"field": "status"}')
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("exactly one of equals, above, below")
    dialog.get_by_label("Content").fill(f'{{"field": "status", "equals": "failed", "collector": "{collector}"}}')
    dialog.get_by_role("button", name="Save").click()
    row = page.locator("#items").get_by_role("row", name=name)
    expect(row).to_contain_text(collector)
    screenshot("configuration")
    fired, numbers = page.locator("#fired").get_by_role("row", name=f"{name}: {collector}"), count(1)

    def seen() -> bool:
        send(ha_lab, collector, next(numbers))
        return fired.count() > 0

    assert until(seen, 20, 0.3)
    page.get_by_role("button", name=f"Change alert {name} …").click()
    dialog.get_by_label("Content").fill('{"field": "status", "above": 5}')
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text('"above": 5')
    page.get_by_role("button", name=f"Delete alert {name} …").click()
    page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    expect(row).to_have_count(0)
    expect(page.get_by_role("button", name="Delete alert host down …")).to_be_visible()


def send(lab: Laboratory, collector: str, seq: int) -> None:
    body = {"collector": collector, "events": [{"seq": seq, "data": {"status": "failed"}}]}
    request = urllib.request.Request(f"{lab.inventory.urls['collectors'][0]}/v1/events", json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


def test_with_the_active_server_down_an_operator_brings_the_users_back(
    ha_lab: Laboratory, url: str, page: Page, screenshot: Screenshot
) -> None:
    active = ha_lab.management.health().services.active
    assert active
    log_in(page, url, ha_lab.management.token)
    node_fault.inject(ha_lab.inventory.lab, "crash", [ha_lab.inventory.node(active)], LASTS_SECONDS)
    expect(page.locator("#notice")).to_have_text("Users are not served: no data processing server is active.")
    expect(page.get_by_role("row", name=active).first).to_contain_text("unreachable")
    screenshot("down")
    assign(page, other(ha_lab, active))
    expect(page.locator("#active")).to_have_text(other(ha_lab, active))
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.get_by_role("row", name=active).first).to_contain_text("unreachable")


def test_with_a_gateway_down_another_one_knows_the_session(
    ha_lab: Laboratory, url: str, page: Page, complaints: Complaints
) -> None:
    # What was asked for at the moment of the crash may fail; the page asks again.
    complaints.tolerate(r"status of 50[234]|net::ERR_")
    log_in(page, url, ha_lab.management.token)
    with page.expect_response("**/management/v1/system-health") as answered:
        expect(page.get_by_role("status")).to_have_text("live")
    serving = ha_lab.inventory.node(answered.value.headers["x-redlab-node"])
    (fault,) = node_fault.inject(ha_lab.inventory.lab, "crash", [serving], LASTS_SECONDS)
    expect(page.get_by_role("row", name=serving.name).first).to_contain_text("unreachable")
    expect(page.get_by_role("status")).to_have_text("live")
    healing.heal(fault.entry)
    expect(page.get_by_role("row", name=serving.name).first).to_contain_text("ready")
    assert until(partial(all_ready, ha_lab.inventory), 30)


def test_another_page_cannot_move_the_services(
    ha_lab: Laboratory, url: str, page: Page, complaints: Complaints
) -> None:
    complaints.expect(r"blocked by CORS policy")
    complaints.tolerate(r"status of 403|net::ERR_FAILED|favicon.ico")
    services = ha_lab.management.health().services
    log_in(page, url, ha_lab.management.token)
    expect(page.get_by_role("status")).to_have_text("live")
    attacker = page.context.new_page()
    with serving(ATTACK.format(url=url, server=other(ha_lab, services.active))) as address:
        with attacker.expect_response(f"{url}/**", timeout=10_000) as refused:
            attacker.goto(address)
        attacker.wait_for_url(f"{url}/**")
    assert refused.value.status == 403
    assert attacker.inner_text("body") == '{"error": "the request comes from another page"}'
    found = ha_lab.management.health().services
    assert (found.active, found.epoch, found.assigned_to) == (services.active, services.epoch, services.assigned_to)
