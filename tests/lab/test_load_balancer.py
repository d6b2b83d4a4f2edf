"""The load balancer's image: ends with its programs, comes back, and hands its virtual IPs over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support.lab import inside
from tests.support.lab.balanced_site import BalancedSite

from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker

STOP_SECONDS = 5  # docs/contract/index.md


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest) -> BalancedSite:
    site = BalancedSite()
    request.addfinalizer(site.close)
    site.start()
    return site


@pytest.fixture
def site(started: BalancedSite) -> Iterator[BalancedSite]:
    """Both load balancers run, one holds the virtual IPs, both gateways are up."""
    for name in ("lb1", "lb2"):
        started.nodes[name].start()

    def ready() -> bool:
        # The holder may change while both come up: what is asked of it counts only if it still is.
        holder = started.holder()
        up = holder is not None and started.gateways_up(holder)
        return up and started.healthy("lb1") and started.healthy("lb2") and started.holder() == holder

    assert until(ready, 30)
    yield started


def test_haproxy_accepts_the_configuration(site: BalancedSite) -> None:
    code, said = site.run("lb1", "haproxy -c -f /etc/haproxy/haproxy.cfg")
    assert (code, "WARNING" in said) == (0, False), said
    assert site.run("lb1", "echo nonsense > /tmp/bad.cfg; haproxy -c -f /tmp/bad.cfg")[0] == 1


def test_the_runtime_api_answers(site: BalancedSite) -> None:
    assert "Version: 2." in site.haproxy("lb1", "show info")
    assert {"gw1", "gw2"} <= set(site.haproxy("lb1", "show servers state users").split())


@pytest.mark.parametrize("program", ["haproxy", "keepalived"])
def test_the_container_ends_when_a_program_dies(site: BalancedSite, program: str) -> None:
    inside.kill(site.nodes["lb2"], program)
    assert site.ended("lb2") == 1


def test_the_virtual_ips_move_when_their_holder_is_killed_and_it_can_come_back(site: BalancedSite) -> None:
    holder = str(site.holder())
    other = "lb2" if holder == "lb1" else "lb1"
    site.nodes[holder].kill()
    assert until(lambda: site.holder() == other, 20)
    assert site.request("GET", "/")[0] == 200
    site.nodes[holder].start()
    assert until(lambda: site.healthy(holder), 20)
    # It does not take the addresses back: nobody is disturbed.
    assert site.holder() == other


def test_it_stops_when_it_is_told_to(site: BalancedSite) -> None:
    """In time: a container that does not end by itself is killed by the engine, and then its exit code is 137."""
    site.nodes["lb1"].stop(timeout=STOP_SECONDS)
    assert site.state("lb1")["ExitCode"] == 0


@pytest.mark.parametrize(("method", "sent"), [("POST", 1), ("GET", 4)])
def test_only_what_changes_nothing_is_sent_again(site: BalancedSite, method: str, sent: int) -> None:
    """A gateway that does not answer may have done what it was told to: a POST goes to no other one, a GET does."""

    def received() -> int:
        logs = [site.nodes[gateway].logs().decode().splitlines() for gateway in ("gw1", "gw2")]
        return sum(log.count(f"{method} /hang") for log in logs)

    before = received()
    assert site.request(method, "/hang") == (504, "")
    assert received() - before == sent
