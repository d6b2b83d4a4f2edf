"""The global load balancer's image: who decides where clients go, and what a switch costs them."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest
from tests.support.lab import inside
from tests.support.lab.sites_behind_one import SITES, SitesBehindOne

from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker

STOP_SECONDS = 5  # docs/contract/index.md
KEPT_ALIVE = """
import http.client, json, sys, time
asked = http.client.HTTPConnection(sys.argv[1], 8081, timeout=10)
asked.connect()
socket, end = asked.sock, time.monotonic() + 3
while time.monotonic() < end:
    sent = time.monotonic()
    asked.request("GET", "/")
    answer = asked.getresponse()
    answer.read()
    print(json.dumps([sent, answer.status, answer.headers["X-Redlab-Site"], asked.sock is socket]), flush=True)
    time.sleep(0.005)
"""


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest) -> SitesBehindOne:
    made = SitesBehindOne()
    request.addfinalizer(made.close)
    made.start()
    return made


@pytest.fixture
def sites(started: SitesBehindOne) -> Iterator[SitesBehindOne]:
    """All sites are up, dc1 is declared and active, an operator decides."""
    for node in started.nodes.values():
        node.start()
    assert until(started.all_up, 30), started.show()
    started.declare("dc1")
    started.set("dc1")
    assert until(lambda: started.routed("dc1"), 5), started.show()
    yield started


def in_background(sites: SitesBehindOne, command: str) -> tuple[threading.Thread, list[str]]:
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(sites.run("collector1", command)[1]))
    thread.start()
    return thread, said


def await_requests(sites: SitesBehindOne, site: str, request: bytes) -> None:
    """Wait until a stub was sent so many more of these that a switch before or after them shows."""
    before = sites.nodes[site].logs().count(request)
    assert until(lambda: sites.nodes[site].logs().count(request) > before + 40, 20, 0.02), site


def test_haproxy_accepts_the_configuration(sites: SitesBehindOne) -> None:
    code, said = sites.run("glb1", "haproxy -c -f /etc/haproxy/haproxy.cfg")
    assert (code, "WARNING" in said) == (0, False), said


def test_it_says_what_it_does_and_refuses_a_site_that_is_not_there(sites: SitesBehindOne) -> None:
    up = {name: {"up": True} for name in SITES}
    assert sites.show() == {"activeSite": "dc1", "declared": "dc1", "automatic": False, "sites": up}
    code, said = sites.set("dc9")
    assert (code, "dc1, dc2, dc3" in said) == (2, True)
    assert sites.routed("dc1")


def test_by_hand_an_outage_of_the_active_site_moves_nobody(sites: SitesBehindOne) -> None:
    sites.nodes["dc1"].kill()
    assert until(lambda: not sites.show()["sites"]["dc1"]["up"], 10)
    assert sites.show()["sites"]["dc2"] == {"up": True}
    assert [sites.ask()["status"] for _ in range(5)] == [503] * 5
    assert sites.set("dc2")[0] == 0
    assert sites.served_by("dc2")


def test_by_itself_it_goes_to_another_site_and_back(sites: SitesBehindOne) -> None:
    sites.declare("dc1", "automatic")
    assert until(lambda: sites.routed("dc1", automatic=True), 5)
    assert sites.served_by("dc1")
    sites.nodes["dc1"].kill()
    assert until(lambda: sites.ask()["status"] == 200, 10)
    assert not sites.served_by("dc1")
    sites.back("dc1")
    assert until(lambda: sites.served_by("dc1"), 10)


def test_a_switch_fails_nothing_and_holds_from_the_next_request_on(sites: SitesBehindOne) -> None:
    address = sites.address("glb1")
    thread, said = in_background(
        sites,
        f"REDLAB_COLLECTOR_URL=http://{address}:8080 REDLAB_USER_URL=http://{address}:8081"
        " load --collector-id switch --events-per-second 100 --users-per-second 100 --seconds 3",
    )
    moments = []
    await_requests(sites, "dc1", b"POST /v1/events\n")
    for site in ("dc2", "dc1", "dc2"):
        before = time.monotonic()
        assert sites.set(site)[0] == 0
        moments.append((before, time.monotonic(), site))
        await_requests(sites, site, b"POST /v1/events\n")
    thread.join(20)
    answers = [json.loads(line) for line in said[0].splitlines()]
    assert len(answers) == 600
    assert {answer["outcome"] for answer in answers} == {"ok"}
    for number, (_, switched, site) in enumerate(moments):
        end = moments[number + 1][0] if number + 1 < len(moments) else float("inf")
        after = [answer["node"] for answer in answers if switched <= answer["sent"] < end]
        assert len(after) > 20
        assert set(after) == {site}


def test_requests_on_kept_connections_follow_at_once(sites: SitesBehindOne) -> None:
    thread, said = in_background(sites, f"python3 -c '{KEPT_ALIVE}' {sites.address('glb1')}")
    await_requests(sites, "dc1", b"GET /\n")
    assert sites.set("dc2")[0] == 0
    switched = time.monotonic()
    thread.join(20)
    answers = [json.loads(line) for line in said[0].splitlines()]
    assert {status for _, status, _, _ in answers} == {200}
    assert all(same_connection for _, _, _, same_connection in answers)
    assert {site for _, _, site, _ in answers} == {"dc1", "dc2"}
    assert {site for sent, _, site, _ in answers if sent >= switched} == {"dc2"}


def test_a_request_in_flight_is_finished_where_it_is(sites: SitesBehindOne) -> None:
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(sites.ask("/slow")["site"]))
    asked = sites.nodes["dc1"].logs().count(b"/slow")
    thread.start()
    assert until(lambda: sites.nodes["dc1"].logs().count(b"/slow") > asked, 5, 0.02)
    assert sites.set("dc2")[0] == 0
    assert not answers
    assert sites.served_by("dc2")
    thread.join(10)
    assert answers == ["dc1"]


def test_what_is_newly_declared_is_applied_by_the_same_process_and_once(sites: SitesBehindOne) -> None:
    process = sites.process()
    sites.declare("dc2")
    assert until(lambda: sites.routed("dc2"), 2)
    sites.set("dc1")
    sites.declare("dc2")  # nothing new: the operator has the last word
    assert not until(lambda: not sites.routed("dc1"), 1)
    sites.declare("dc3")
    assert until(lambda: sites.routed("dc3"), 2)
    assert sites.process() == process


def test_what_was_set_survives_a_restart(sites: SitesBehindOne) -> None:
    sites.set("dc2")
    for stop in (lambda: sites.nodes["glb1"].stop(timeout=STOP_SECONDS), sites.nodes["glb1"].kill):
        stop()
        sites.nodes["glb1"].start()
        assert until(lambda: sites.healthy("glb1"), 10)
        assert sites.routed("dc2")
        assert sites.ask()["site"] == "dc2"


def test_it_stops_when_it_is_told_to(sites: SitesBehindOne) -> None:
    """In time: a container that does not end by itself is killed by the engine, and then its exit code is 137."""
    sites.nodes["glb1"].stop(timeout=STOP_SECONDS)
    assert sites.state("glb1")["ExitCode"] == 0


def test_the_container_ends_when_haproxy_dies(sites: SitesBehindOne) -> None:
    inside.kill(sites.nodes["glb1"], "haproxy")
    assert sites.ended("glb1") == 1


def test_a_site_keeps_apart_the_clients_behind_it(sites: SitesBehindOne) -> None:
    """The site's load balancer would else take all of them for one, and send all to one gateway."""
    sites.set("dc3")
    sites.haproxy("lb1", "clear table users")
    for client in ("collector1", "collector2"):
        answers = [sites.ask(client=client, header="10.9.9.9") for _ in range(5)]
        assert {answer["client"] for answer in answers} == {sites.address(client)}, answers
        assert len({answer["node"] for answer in answers}) == 1
    table = sites.haproxy("lb1", "show table users")
    keys = {word.removeprefix("key=") for word in table.split() if word.startswith("key=")}
    assert keys == {sites.address("collector1"), sites.address("collector2")}


def test_a_site_believes_nobody_else_about_who_the_client_is(sites: SitesBehindOne) -> None:
    answer = sites.ask(at=sites.user_virtual_ip, header="10.9.9.9")
    assert answer["client"] == sites.address("collector1")
    assert "10.9.9.9" not in sites.haproxy("lb1", "show table users")


def test_a_site_is_up_only_while_it_has_a_gateway(sites: SitesBehindOne) -> None:
    for gateway in ("gw1", "gw2"):
        assert sites.show()["sites"]["dc3"] == {"up": True}
        sites.nodes[gateway].kill()
    assert until(lambda: not sites.show()["sites"]["dc3"]["up"], 10)
